/** What the console knows of the server: a value, changed only by the server's frames. */
import type { Agent, Change, Conversation, Message, TimelineEvent } from './protocol'

export interface State {
  seq: number
  conversations: Record<string, Conversation>
  /** By conversation, in log order. */
  messages: Record<string, Message[]>
  events: Record<string, TimelineEvent[]>
  agents: Record<string, Agent>
  /** Conversations whose first message is loaded. */
  complete: Record<string, true>
}

export const nothing: State = {
  seq: 0,
  conversations: {},
  messages: {},
  events: {},
  agents: {},
  complete: {},
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
    complete: before.complete,
  }
}

/**
 * The state after an answer to `history` or to a call of one's own. It tells of the past and moves no `seq`: a frame
 * that came meanwhile is newer, so what is held stays.
 */
export function applyHistory(state: State, change: Change, conversationId: string, more: boolean): State {
  const isHeld = (one: Message) => state.messages[one.conversation_id]?.some((held) => held.id === one.id)
  const next = apply(state, {
    ...change,
    seq: state.seq,
    reset: false,
    conversations: change.conversations.filter((one) => !(one.id in state.conversations)),
    agents: change.agents.filter((one) => !(one.id in state.agents)),
    messages: change.messages.filter((one) => !isHeld(one)),
  })
  return more ? next : { ...next, complete: { ...next.complete, [conversationId]: true } }
}

/** Does the loaded part of a conversation lack its end, or is it too short to begin with? */
export function needsHistory(state: State, conversation: Conversation, enough = 30): boolean {
  const loaded = state.messages[conversation.id] ?? []
  const newest = loaded.at(-1)?.id ?? 0
  if (newest < (conversation.last_message?.id ?? 0)) return true
  return loaded.length < enough && !state.complete[conversation.id]
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
