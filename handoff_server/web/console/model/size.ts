/** The size of a file as people read it: 640 B, 12 kB, 3.4 MB. */
const UNITS = ['B', 'kB', 'MB', 'GB']

export function sized(bytes: number, language: string): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)))
  const digits = power > 1 ? 1 : 0
  const number = (bytes / 1000 ** power).toLocaleString(language, { maximumFractionDigits: digits })
  return `${number}\u00a0${UNITS[power]}`
}
