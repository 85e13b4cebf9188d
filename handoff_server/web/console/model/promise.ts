/** How a promise to a customer stands. */
import type { Due } from './protocol'

/** @param now the server's time: what has run out is broken, even before the server has told so */
export function standing(due: Due, now: number): Due['state'] {
  return now >= due.at ? 'broken' : due.state
}
