/** How long a platform lets a business answer, counted from the customer's last message. */
import type { Conversation } from './protocol'

const HUMAN_AGENT_MS = 7 * 24 * 60 * 60 * 1000

export type Reach =
  /** `until`: when the window closes; null where the channel has none */
  | { kind: 'open'; until: number | null }
  /** Only as a person, and only until then. */
  | { kind: 'human_agent'; until: number }
  /** Only with a message that the platform has approved beforehand. */
  | { kind: 'template' }
  | { kind: 'closed' }

export function reach({ window, heard_at }: Conversation, now: number): Reach {
  if (!window) return { kind: 'open', until: null }
  if (window.until !== null && now < window.until) return { kind: 'open', until: window.until }
  if (window.then !== 'human_agent') return { kind: window.then }
  const until = (heard_at ?? 0) + HUMAN_AGENT_MS
  return now < until ? { kind: 'human_agent', until } : { kind: 'closed' }
}

const HURRY_MS = 60 * 60 * 1000

/** Does it close within the hour? */
export function hurry(until: number, now: number): boolean {
  return until - now < HURRY_MS
}

/** What platforms take in one message; the others take more than the server does. */
const LIMITS: Record<string, number> = { messenger: 2000, instagram: 1000 }

/** Characters of one message. */
export function limit(channel: string): number {
  return LIMITS[channel] ?? 4000
}
