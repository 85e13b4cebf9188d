// The demo shop is two plain pages; building it is copying it, with the drawings that both share.
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const source = import.meta.dirname
const target = join(source, '..', 'dist', 'demo')
rmSync(target, { recursive: true, force: true })
mkdirSync(target, { recursive: true })
for (const name of ['index.html', 'en', 'demo.css', 'images']) {
  cpSync(join(source, name), join(target, name), { recursive: true })
}
