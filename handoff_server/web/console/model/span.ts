/**
 * A span as people say it: 8 s, 1 min 42 s, 2 h 5 min, 3 d 4 h. At most two units: more would be noise.
 * A number and its unit stay on one line.
 */
const UNITS: [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

export function span(milliseconds: number): string {
  let rest = Math.max(0, Math.round(milliseconds / 1000))
  const largest = UNITS.findIndex(([, seconds]) => rest >= seconds)
  if (largest < 0) return '0\u00a0s'
  const parts = UNITS.slice(largest, largest + 2).map(([name, seconds]) => {
    const count = Math.floor(rest / seconds)
    rest %= seconds
    return count ? `${count}\u00a0${name}` : ''
  })
  return parts.filter(Boolean).join(' ')
}
