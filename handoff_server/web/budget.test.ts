// @vitest-environment node
import { gzipSync } from 'node:zlib'
import { build, type Rolldown } from 'vite'
import { expect, test, vi } from 'vitest'

// Building is work, and a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 })

type Output = (Rolldown.OutputChunk | Rolldown.OutputAsset)[]

const zipped = (content: string | Uint8Array) => gzipSync(content, { level: 9 }).length

/** What `npm run build` would write. */
async function built(configFile: string): Promise<Output> {
  vi.stubEnv('NODE_ENV', 'production')
  const made = await build({ configFile, mode: 'production', logLevel: 'silent', build: { write: false } })
  return [made].flat().flatMap((one) => ('output' in one ? one.output : []))
}

/** The texts of one language, the longer: they are fetched before anything is shown. */
function longestTexts(output: Output): Rolldown.OutputChunk | undefined {
  const texts = output.filter(
    (one) => one.type === 'chunk' && /\/locales\/(es|en)\.json$/.test(one.facadeModuleId ?? ''),
  )
  return texts.sort(
    (a, b) => zipped((b as Rolldown.OutputChunk).code) - zipped((a as Rolldown.OutputChunk).code),
  )[0] as Rolldown.OutputChunk | undefined
}

/** The bytes that a browser fetches before it shows anything: the page, its styles, its script and what that imports. */
function firstLoad(output: Output): number {
  const chunks = new Map(
    output.flatMap((one) => (one.type === 'chunk' ? [[one.fileName, one] as const] : [])),
  )
  const needed = new Set([...chunks.values()].filter((one) => one.isEntry).map((one) => one.fileName))
  const texts = longestTexts(output)
  if (texts) needed.add(texts.fileName)
  for (const name of needed) chunks.get(name)?.imports.forEach((one) => needed.add(one))
  // The styles of a later part come with it.
  const styles = new Set(
    [...needed].flatMap((name) => [...(chunks.get(name)?.viteMetadata?.importedCss ?? [])]),
  )
  const others = output.flatMap((one) =>
    one.type === 'asset' && (styles.has(one.fileName) || one.fileName.endsWith('.html')) ? [one.source] : [],
  )
  return [...[...needed].map((name) => chunks.get(name)!.code), ...others].reduce(
    (sum, one) => sum + zipped(one),
    0,
  )
}

test('the widget, which every page of a shop loads, stays under 20 kB', async () => {
  const output = await built('widget/vite.config.ts')
  expect(output.map((one) => one.fileName)).toEqual(['handoff-chat.js'])
  expect(firstLoad(output)).toBeLessThanOrEqual(20_000)
})

test('what the widget fetches when it is opened stays under 5 kB', async () => {
  expect(firstLoad(await built('widget/more/vite.config.ts'))).toBeLessThanOrEqual(5_000)
})

test('the console shows itself after at most 130 kB, and no later part of it is larger than 40', async () => {
  const output = await built('console/vite.config.ts')
  expect(firstLoad(output)).toBeLessThanOrEqual(130_000)
  const later = output.flatMap((one) =>
    one.type === 'chunk' && one.isDynamicEntry ? [zipped(one.code)] : [],
  )
  expect(later.length).toBeGreaterThan(0)
  expect(Math.max(...later)).toBeLessThanOrEqual(40_000)
})
