/**
 * Text that others wrote, as parts that a page can show without being fooled: nothing in it turns the line around,
 * hides, or leads elsewhere than it says.
 */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'link'; text: string; href: string }
  | { kind: 'sign'; sign: Sign; count: number }

/** What cannot be seen, and is told instead: it turns the direction of what follows, or hides something. */
export type Sign = 'direction' | 'invisible'

const ADDRESS = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}»”]/giu
/**
 * Embeddings, overrides and isolates; control characters, long runs of signs without width, and tags that are no part
 * of a flag. Single joiners stay: emoji and several scripts need them.
 */
const DIRECTION = '[\u202a-\u202e\u2066-\u2069]+'
const INVISIBLE =
  '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f]+|[\u00ad\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff]{3,}|[\u{e0000}-\u{e007f}]{7,}'
const UNSEEN = new RegExp(`(?<direction>${DIRECTION})|(?<invisible>${INVISIBLE})`, 'gu')

/** At most so many characters, and lines, are shown before somebody asks for more: a browser has to lay them out. */
export const FIRST_CHARACTERS = 3_000
export const MORE_CHARACTERS = 30_000
const FIRST_LINES = 30

export function parts(text: string): Part[] {
  return cut(text, ADDRESS, link).flatMap((part) =>
    part.kind === 'text' ? cut(part.text, UNSEEN, sign) : [part],
  )
}

/** Where to end at first; the length of the text when all of it can be shown. */
export function firstPart(text: string): number {
  let end = -1
  for (let line = 0; line < FIRST_LINES; line++) {
    end = text.indexOf('\n', end + 1)
    if (end < 0) return whole(text, FIRST_CHARACTERS)
  }
  return Math.min(end, whole(text, FIRST_CHARACTERS))
}

/** A length near the wanted one that does not cut a character in half, nor leaves only a few. */
export function whole(text: string, wanted: number): number {
  if (text.length <= wanted * 1.2) return text.length
  const isHalf = /[\udc00-\udfff]/.test(text[wanted] ?? '')
  return isHalf ? wanted + 1 : wanted
}

function cut(text: string, pattern: RegExp, part: (found: RegExpExecArray) => Part): Part[] {
  const found: Part[] = []
  let end = 0
  for (const one of text.matchAll(pattern)) {
    if (one.index > end) found.push({ kind: 'text', text: text.slice(end, one.index) })
    found.push(part(one))
    end = one.index + one[0].length
  }
  if (end < text.length || !found.length) found.push({ kind: 'text', text: text.slice(end) })
  return found
}

function sign({ 0: signs, groups }: RegExpExecArray): Part {
  return { kind: 'sign', sign: groups?.direction ? 'direction' : 'invisible', count: [...signs].length }
}

/**
 * A host written in look-alike letters is shown as browsers ask for it, in punycode; an address with a user in front of
 * its host only looks like that of the user, and is no link at all.
 */
function link({ 0: written }: RegExpExecArray): Part {
  const url = URL.canParse(written) ? new URL(written) : null
  if (!url || url.username || url.password || unseen(written)) return { kind: 'text', text: written }
  const isAsWritten = written.toLowerCase().startsWith(`${url.protocol}//${url.host}`)
  return { kind: 'link', text: isAsWritten ? written : url.href, href: url.href }
}

function unseen(text: string): boolean {
  return text.search(UNSEEN) >= 0
}
