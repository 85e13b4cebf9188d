/** What the console knows of the server: a value, changed only by the server's frames. */
import type { Agent, Change, Conversation, Message, TimelineEvent } from './protocol'

export interface State {
  seq: number
  conversations: Record<string, Conversation>
  /** By conversation, in log order. */
  messages: Record<string, Message[]>
  events: Record<string, TimelineEvent[]>
  agents: Record<string, Agent>
  /** Of these customers all is held that was written from this message on, on whatever channel; 0: from the first. */
  since: Record<string, number>
}

export const nothing: State = {
  seq: 0,
  conversations: {},
  messages: {},
  events: {},
  agents: {},
  since: {},
}

/** The state after a frame: an upsert by id; `reset` forgets what was held before. */
export function apply(state: State, change: Change): State {
  const before = change.reset ? nothing : state
  return {
    seq: Math.max(before.seq, change.seq),
    conversations: merged(before.conversations, change.conversations),
    agents: merged(before.agents, change.agents),
    messages: mergedLists(before.messages, change.messages, (message) => message.id),
    events: mergedLists(before.events, change.events, (event) => event.seq),
    since: withoutMoved(before, change.conversations),
  }
}

/** Who turns out to be somebody known brings messages along that are not held. */
function withoutMoved({ since, conversations }: State, news: Conversation[]): State['since'] {
  const moved = news.filter(({ id, customer }) => conversations[id]?.customer.id !== customer.id)
  if (!moved.some(({ customer }) => customer.id in since)) return since
  const unsure = new Set(moved.map(({ customer }) => customer.id))
  return Object.fromEntries(Object.entries(since).filter(([id]) => !unsure.has(id)))
}

/**
 * The state after an answer to `history` or to a call of one's own. It tells of the past and moves no `seq`: a frame
 * that came meanwhile is newer, so what is held stays.
 */
export function applyHistory(state: State, change: Change): State {
  const isHeld = (one: Message) => state.messages[one.conversation_id]?.some((held) => held.id === one.id)
  return apply(state, {
    ...change,
    seq: state.seq,
    reset: false,
    conversations: change.conversations.filter((one) => !(one.id in state.conversations)),
    agents: change.agents.filter((one) => !(one.id in state.agents)),
    messages: change.messages.filter((one) => !isHeld(one)),
  })
}

/** The state after a page of a customer's history, up to what is held of it already. */
export function applyPage(state: State, page: Change, since: number, customerId: string): State {
  const next = applyHistory(state, page)
  return { ...next, since: { ...next.since, [customerId]: since } }
}

/** Is it not known yet what else there was with the customer, or does the conversation lack its end? */
export function needsHistory(state: State, { id, customer, last_message }: Conversation): boolean {
  const newest = state.messages[id]?.at(-1)?.id ?? 0
  return !(customer.id in state.since) || newest < (last_message?.id ?? 0)
}

export interface History {
  messages: Message[]
  events: TimelineEvent[]
}

/** All that is held of a conversation, and of the customer's others what follows on without a gap. */
export function historyOf(state: State, { id, customer }: Conversation): History {
  const since = state.since[customer.id] ?? Infinity
  const others = Object.values(state.conversations).filter(
    (one) => one.customer.id === customer.id && one.id !== id,
  )
  const messages = others.flatMap((one) => (state.messages[one.id] ?? []).filter((each) => each.id >= since))
  const own = { messages: state.messages[id] ?? [], events: state.events[id] ?? [] }
  if (!messages.length) return own
  const all = [...own.messages, ...messages].sort((a, b) => a.id - b.id)
  const from = all.find((one) => one.id === since)?.created_at ?? (since ? Infinity : 0)
  // What happened long after the last words of its conversation stands between those of another.
  const events = others.flatMap((one) =>
    (state.events[one.id] ?? []).filter((each) => each.after_message_id >= since || each.at >= from),
  )
  return { messages: all, events: [...own.events, ...events] }
}

function merged<T extends { id: string }>(held: Record<string, T>, news: T[]): Record<string, T> {
  if (!news.length) return held
  return { ...held, ...Object.fromEntries(news.map((one) => [one.id, one])) }
}

function mergedLists<T extends { conversation_id: string | null }>(
  held: Record<string, T[]>,
  news: T[],
  key: (one: T) => number,
): Record<string, T[]> {
  const next = { ...held }
  for (const [id, list] of Object.entries(Object.groupBy(news, (one) => one.conversation_id ?? ''))) {
    if (id && list) next[id] = mergedList(held[id] ?? [], list, key)
  }
  return next
}

function mergedList<T>(held: T[], news: T[], key: (one: T) => number): T[] {
  const byKey = new Map([...held, ...news].map((one) => [key(one), one]))
  return [...byKey.values()].sort((a, b) => key(a) - key(b))
}
