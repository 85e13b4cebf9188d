/** How a promise to a customer stands. */
import type { Due } from './protocol'

/** The last minute is a warning whatever share of the time the policy warns at. */
const LAST_MS = 60_000

/** @param now the server's time: what has run out is broken, even before the server has told so */
export function standing(due: Due, now: number): Due['state'] {
  if (now >= due.at) return 'broken'
  return due.state === 'running' && now >= due.at - LAST_MS ? 'warned' : due.state
}
