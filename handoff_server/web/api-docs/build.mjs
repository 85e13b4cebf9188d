// Copies the page and what it needs of Swagger UI to dist/api-docs.
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const target = join(here, '..', 'dist', 'api-docs')

await rm(target, { recursive: true, force: true })
await mkdir(target, { recursive: true })
for (const name of ['index.html', 'api-docs.js']) await copyFile(join(here, name), join(target, name))
for (const name of ['swagger-ui-bundle.js', 'swagger-ui.css', 'favicon-32x32.png']) {
  await copyFile(join(swagger, name), join(target, name))
}
