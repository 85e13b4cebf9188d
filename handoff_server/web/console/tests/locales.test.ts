import { describe, expect, test } from 'vitest'
import dashboardEn from '../dashboard/locales/en.json'
import dashboardEs from '../dashboard/locales/es.json'
import en from '../locales/en.json'
import es from '../locales/es.json'
import settingsEn from '../settings/locales/en.json'
import settingsEs from '../settings/locales/es.json'

type Texts = { [key: string]: string | Texts }

function entries(texts: Texts, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]) =>
    typeof text === 'string' ? [[path + key, text] as [string, string]] : entries(text, `${path}${key}.`),
  )
}

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

describe.each([
  ['the console', es as Texts, en as Texts],
  ['the dashboard', dashboardEs as Texts, dashboardEn as Texts],
  ['the settings', settingsEs as Texts, settingsEn as Texts],
])('in %s', (_where, es, en) => {
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
