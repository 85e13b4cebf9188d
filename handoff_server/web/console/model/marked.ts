/** Where a text has what somebody looks for. */
import { folded } from './folded'

/** A text in pieces: those that somebody has looked for, and what is between them. */
export interface Piece {
  text: string
  hit: boolean
}

/** @param words each is marked wherever a word begins with it, whatever its case and accents */
export function marked(text: string, words: string): Piece[] {
  const wanted = words.split(/\s+/).map(folded).filter(Boolean)
  if (!wanted.length) return [{ text, hit: false }]
  const pieces: Piece[] = []
  for (const part of text.split(/(?<![\p{L}\p{M}\p{N}])(?=[\p{L}\p{N}])/u)) {
    const length = hit(part, wanted)
    if (length) pieces.push({ text: part.slice(0, length), hit: true })
    if (part.length > length) pieces.push({ text: part.slice(length), hit: false })
  }
  return pieces
}

/** How many characters of the part make up the longest of the words that it begins with; 0: none. */
function hit(part: string, wanted: string[]): number {
  const lengths = wanted.map((word) => {
    for (let length = 1; length <= part.length; length++) {
      const start = folded(part.slice(0, length))
      if (start === word) return withMarks(part, length)
      if (!word.startsWith(start)) return 0
    }
    return 0
  })
  return Math.max(0, ...lengths)
}

/** An accent that follows a letter on its own belongs to it. */
function withMarks(part: string, length: number): number {
  while (/^\p{M}/u.test(part.slice(length))) length++
  return length
}
