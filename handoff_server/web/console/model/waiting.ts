/** How things stand in the queue, at a glance. */
import { standing } from './promise'
import type { Conversation } from './protocol'

export interface Waiting {
  count: number
  /** Milliseconds; 0 when nobody waits. */
  longest: number
  /** Those whose first reply is later than promised. */
  late: number
}

/** @param now the server's time */
export function waitingNow(queue: Conversation[], now: number): Waiting {
  const since = queue.map((one) => one.handoff?.requested_at ?? one.updated_at)
  const isLate = ({ handoff }: Conversation) => !!handoff?.due && standing(handoff.due, now) === 'broken'
  return {
    count: queue.length,
    longest: queue.length ? Math.max(0, now - Math.min(...since)) : 0,
    late: queue.filter(isLate).length,
  }
}

/** The same for each team that somebody waits for, the longest wait first. */
export function waitingByTeam(queue: Conversation[], now: number): [team: string, waiting: Waiting][] {
  const teams = Map.groupBy(queue, (one) => one.handoff?.team ?? '')
  return [...teams]
    .map(([team, theirs]): [string, Waiting] => [team, waitingNow(theirs, now)])
    .sort(([, a], [, b]) => b.longest - a.longest)
}
