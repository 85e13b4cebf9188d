/** Replies that are kept for what comes again and again. */
import { matches } from './inbox'

export interface Canned {
  id: string
  shortcut: string
  texts: Record<string, string>
  own: boolean
  used: number
}

const VARIABLE = /\{(customer|agent|case|order)\}/g

/** Those whose shortcut begins with the word first, then those that contain it anywhere; the most used before the others. */
export function found(all: Canned[], word: string, most = 8): Canned[] {
  const rank = ({ shortcut, texts }: Canned) => {
    if (matches(shortcut.slice(0, word.length), word)) return 0
    if (matches(shortcut, word)) return 1
    return Object.values(texts).some((text) => matches(text, word)) ? 2 : 3
  }
  return all
    .map((one) => ({ one, rank: rank(one) }))
    .filter(({ rank }) => rank < 3)
    .sort(
      (a, b) => a.rank - b.rank || b.one.used - a.one.used || a.one.shortcut.localeCompare(b.one.shortcut),
    )
    .slice(0, most)
    .map(({ one }) => one)
}

/** In the customer's language, or in the one that there is. */
export function variant({ texts }: Canned, language: string): { language: string; text: string } {
  const [other, text = ''] = Object.entries(texts).find(([, text]) => text) ?? []
  const own = texts[language]
  return own || !other ? { language, text: own ?? '' } : { language: other, text }
}

/** With everything that is known; the rest stays to be filled in by hand. */
export function filled(text: string, known: Record<string, string | null>): string {
  return text.replace(VARIABLE, (variable, name: string) => known[name] || variable)
}

/** The first place that is still to be filled in. */
export function gap(text: string): { name: string; start: number; end: number } | null {
  const [variable, name] = new RegExp(VARIABLE.source).exec(text) ?? []
  if (!variable || !name) return null
  const start = text.indexOf(variable)
  return { name, start, end: start + variable.length }
}
