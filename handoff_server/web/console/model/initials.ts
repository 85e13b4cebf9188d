/** Up to two letters for an avatar, by what a reader sees as letters; a question mark for nobody. */
export function initials(name: string | null): string {
  const words = (name ?? '').split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const letters = words.map((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
  return ((letters[0] ?? '?') + (letters.length > 1 ? letters.at(-1) : '')).toUpperCase()
}

/** One of six hues, the same for the same id each time. */
export function hue(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997, 7) % 6
}
