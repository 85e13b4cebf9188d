/** How long a platform lets a business answer, counted from the customer's last message. */
import type { Conversation } from './protocol'

export type Reach =
  /** `until`: when the window closes; null where the channel has none */
  | { kind: 'open'; until: number | null }
  /** Only as a person, and only until then. */
  | { kind: 'human_agent'; until: number }
  /** Only with a message that the platform has approved beforehand. */
  | { kind: 'template' }
  | { kind: 'closed' }

export function reach({ window }: Conversation, now: number): Reach {
  if (!window) return { kind: 'open', until: null }
  if (window.until !== null && now < window.until) return { kind: 'open', until: window.until }
  if (window.then !== 'human_agent') return { kind: window.then }
  const until = window.last ?? Infinity
  return now < until ? { kind: 'human_agent', until } : { kind: 'closed' }
}

const HURRY_MS = 60 * 60 * 1000

/** Does it close within the hour? */
export function hurry(until: number, now: number): boolean {
  return until - now < HURRY_MS
}
