import { describe, expect, test } from 'vitest'

type Texts = { [key: string]: string | Texts }

function entries(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[path + key, text] as [string, string]] : entries(text, `${path}${key}.`),
  )
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

/** The console's own, and those of the parts that come when they are asked for. */
const files = import.meta.glob<Texts>('../**/locales/*.json', { eager: true, import: 'default' })
const folders = [...new Set(Object.keys(files).map((path) => path.replace(/..\.json$/, '')))]

describe.each(folders)('in %s', (folder) => {
  const [es, en] = ['es', 'en'].map((code) => files[`${folder}${code}.json`] ?? {}) as [Texts, Texts]

  test('both languages say the same things', () => {
    expect(
      entries(es)
        .map(([key]) => key)
        .sort(),
    ).toEqual(
      entries(en)
        .map(([key]) => key)
        .sort(),
    )
  })

  test('both languages fill in the same values', () => {
    const english = new Map(entries(en))
    for (const [key, text] of entries(es))
      expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key) ?? '')])
  })

  test('no text is empty', () => {
    expect([...entries(es), ...entries(en)].filter(([, text]) => !text.trim())).toEqual([])
  })

  test('Spanish questions and exclamations open as they close', () => {
    const count = (text: string, sign: string) => text.split(sign).length
    for (const [key, text] of entries(es)) {
      expect([key, count(text, '¿'), count(text, '¡')]).toEqual([key, count(text, '?'), count(text, '!')])
    }
  })
})
