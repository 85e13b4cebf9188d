// @vitest-environment node
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unusedClasses, unusedKeys, wordsOf, type Sources } from './unused'

type Texts = { [key: string]: string | Texts }

const HUB = join(import.meta.dirname, '../../..')

/** The files below the hub's folder, by their path from there. */
function read(patterns: string[]): Sources {
  const paths = globSync(patterns, { cwd: HUB }).filter((path) => !path.includes('/tests/'))
  return Object.fromEntries(paths.map((path) => [`/${path}`, readFileSync(join(HUB, path), 'utf8')]))
}

function keysOf(texts: Texts, path = ''): string[] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [path + key] : keysOf(text, `${path}${key}.`),
  )
}

const console_ = read(['web/console/**/*.{ts,vue}'])
const words = wordsOf({ ...console_, ...read(['*.py', '*/**/*.py', '../domain.yml']) })
/** Said by the browser; and what pydantic calls the mistakes in a field begins with `wrong.`. */
const ELSEWHERE = /^(sounds\.permission\.denied|wrong\.\w+)$/

test('every text is shown somewhere', () => {
  const locales = read(['web/console/**/locales/en.json'])
  const keys = Object.values(locales).flatMap((text) => keysOf(JSON.parse(text) as Texts))
  expect(keys.length).toBeGreaterThan(500)
  expect(unusedKeys(keys, console_, words).filter((key) => !ELSEWHERE.test(key))).toEqual([])
})

test('every class of the styles is worn somewhere', () => {
  const sources = { ...console_, ...read(['web/console/**/*.css']) }
  expect(unusedClasses(sources)).toEqual([])
})

test('a text is found unused in spite of all that resembles it', () => {
  const sources = {
    '/a.vue':
      "const name = useName(); t('greeting.kind'); t(`authors.${author}`); name('channels', one); t(`${group}.${code}`)",
  }
  const keys = [
    'greeting.kind',
    'greeting.left',
    'authors.bot',
    'authors.ghost',
    'channels.web',
    'channels.fax',
  ]
  const planted = ['greeting.left', 'authors.ghost', 'channels.fax']
  expect(unusedKeys(keys, sources, wordsOf({ '/b.py': 'AUTHORS = ("bot", "web", "left")' }))).toEqual(planted)
})

test('a class is found unused in spite of the same one in another file', () => {
  const sources = {
    '/mood.ts': "type Mood = 'glad' | 'far'",
    '/a/A.vue': `import B from './B.vue'
      <template><p class="plain" :class="{ late: over }" /><B /></template>
      <style scoped>.plain .late { top: 0.5em } .child {} .far {}</style>`,
    '/a/B.vue': '<template><p class="child" /></template>',
    '/a/C.vue': '<template><p class="far" /></template>',
    '/a/D.vue': '<template><p :class="mood" /></template><style scoped>.glad {} .sad {}</style>',
    '/shared.css': '/* .said */ .far { color: red } @media print { .gone:hover {} }',
  }
  expect(unusedClasses(sources)).toEqual(['/a/A.vue: .far', '/a/D.vue: .sad', '/shared.css: .gone'])
})
