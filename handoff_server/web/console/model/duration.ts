/** A span as people read it on a clock: 0:48, 12:05, 3:07:09. Never negative: clocks may disagree a little. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const tail = `${two(seconds % 60)}`
  return hours ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
