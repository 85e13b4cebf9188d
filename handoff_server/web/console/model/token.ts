/** The word that is being typed, where it calls for something: `/word` a canned reply, `@name` a colleague. */
export const SIGNS = ['/', '@'] as const
export type Sign = (typeof SIGNS)[number]

export interface Token {
  sign: Sign
  word: string
  /** Its place in the text, the sign included. */
  start: number
  end: number
}

/** After a blank or an opening sign: neither 12/5 nor an address of a shop calls for anything. */
const TYPED = /(?:^|[\s(¿¡"«])([/@])([\p{L}\p{N}_-]{0,40})$/u

export function tokenAt(text: string, caret: number): Token | null {
  const [, sign, word] = TYPED.exec(text.slice(0, caret)) ?? []
  if (word === undefined) return null
  return { sign: sign as Sign, word, start: caret - word.length - 1, end: caret }
}
