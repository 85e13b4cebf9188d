/** Hours in which nothing may ring. */
import type { QuietHours } from '../preferences'

/** @param at on this device, whose time of day is meant */
export function isQuiet(hours: QuietHours | null, at: Date): boolean {
  if (!hours) return false
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  if (hours.from <= hours.until) return hours.from <= time && time < hours.until
  return hours.from <= time || time < hours.until
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
