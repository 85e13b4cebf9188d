/** What a conversation shows, from top to bottom: days, messages, what happened between them, what is on its way. */
import { stillUnsent, type Unsent } from './outbox'
import type { Message, TimelineEvent } from './protocol'
import type { History } from './state'

export type Item =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'message'; key: string; message: Message; place: Place }
  | { kind: 'stretch'; key: string }
  | { kind: 'place'; key: string; conversation_id: string }
  | { kind: 'event'; key: string; event: TimelineEvent }
  | { kind: 'unsent'; key: string; unsent: Unsent }

/** Of one author's messages in a row: the first tells who speaks, the last tells when. */
export type Place = 'only' | 'first' | 'middle' | 'last'

const PAUSE_MS = 5 * 60_000

/** Bookkeeping between server and consoles; everything else is shown, also what this page does not know yet. */
const UNSHOWN =
  /^(message\.|agent\.|dead_letter\.|conversation\.(seen|tagged)$|handoff\.(enriched|renewed|judged|summarised)$|case\.(answered|topic)$)/

/** @param own the conversation that is looked at; `history` may be of the customer's others too */
export function timeline(own: string, { messages, events }: History, unsent: Unsent[]): Item[] {
  const shown = events.filter((event) => !UNSHOWN.test(event.name))
  const entries = [
    ...shown.map((event) => eventEntry(event, messages)),
    ...messages.map((message) => messageEntry(message)),
  ].sort((a, b) => a.place - b.place || a.rank - b.rank)
  const items = placed(withDays(withPlaces(own, withStretches(entries))))
  return [...items, ...stillUnsent(unsent, messages).map(unsentItem)]
}

interface Entry {
  place: number
  /** Between equal places: the message first, then the events after it, by seq. */
  rank: number
  at: number
  conversation_id: string
  item: Item
}

function messageEntry(message: Message): Entry {
  const item: Item = { kind: 'message', key: messageKey(message), message, place: 'only' }
  const { id, created_at, conversation_id } = message
  return { place: id, rank: 0, at: created_at, conversation_id, item }
}

/** One key for the optimistic and the acknowledged message, so that its bubble does not blink. */
function messageKey(message: Message): string {
  return message.client_message_id ? `c${message.client_message_id}` : `m${message.id}`
}

/** After the last words of its own conversation, and after what was said before it in the customer's others. */
function eventEntry(event: TimelineEvent, messages: Message[]): Entry {
  const elsewhere = messages.findLast(
    (one) => one.conversation_id !== event.conversation_id && one.created_at < event.at,
  )
  return {
    place: Math.max(event.after_message_id, elsewhere?.id ?? 0),
    rank: event.seq,
    at: event.at,
    conversation_id: event.conversation_id ?? '',
    item: { kind: 'event', key: `e${event.seq}`, event },
  }
}

function unsentItem(unsent: Unsent): Item {
  return { kind: 'unsent', key: `c${unsent.client_message_id}`, unsent }
}

function withDays(entries: Entry[]): Item[] {
  let today = ''
  return entries.flatMap(({ at, item }) => {
    const day = new Date(at).toDateString()
    if (day === today) return [item]
    today = day
    return [{ kind: 'day', key: `d${day}-${item.key}`, at } as Item, item]
  })
}

/** The assistant forgets between two stretches: what it says next it says anew. */
function withStretches(entries: Entry[]): Entry[] {
  const last: Record<string, number> = {}
  return entries.flatMap((entry) => {
    const { item, conversation_id: id } = entry
    const stretch = item.kind === 'message' && item.message.author === 'bot' ? item.message.stretch : null
    const isNew = stretch !== null && id in last && stretch !== last[id]
    if (stretch !== null) last[id] = stretch
    return isNew ? [{ ...entry, item: { kind: 'stretch', key: `s${item.key}` } as Item }, entry] : [entry]
  })
}

/** Where the customer went on in another conversation, and at last that in which the agent would answer. */
function withPlaces(own: string, entries: Entry[]): Entry[] {
  if (entries.every((entry) => entry.conversation_id === own)) return entries
  let last = ''
  const all = entries.flatMap((entry) => {
    const { conversation_id } = entry
    if (conversation_id === last) return [entry]
    last = conversation_id
    return [{ ...entry, item: placeItem(conversation_id, entry.item.key) }, entry]
  })
  const end = entries.at(-1)!
  return last === own ? all : [...all, { ...end, conversation_id: own, item: placeItem(own, 'end') }]
}

function placeItem(conversation_id: string, key: string): Item {
  return { kind: 'place', key: `p${key}`, conversation_id }
}

function placed(items: Item[]): Item[] {
  return items.map((item, index) => {
    if (item.kind !== 'message') return item
    const before = goesOn(items[index - 1], item)
    const after = goesOn(item, items[index + 1])
    return { ...item, place: before ? (after ? 'middle' : 'last') : after ? 'first' : 'only' }
  })
}

function goesOn(one: Item | undefined, next: Item | undefined): boolean {
  if (one?.kind !== 'message' || next?.kind !== 'message') return false
  const [a, b] = [one.message, next.message]
  const isSame =
    a.conversation_id === b.conversation_id &&
    a.author === b.author &&
    a.author_id === b.author_id &&
    a.private === b.private
  return isSame && b.created_at - a.created_at < PAUSE_MS
}

/** Where a person came in: the assistant passed the conversation on, or somebody took it unasked. */
export function isHandover({ name, data }: TimelineEvent): boolean {
  return (
    name === 'handoff.requested' || (name === 'conversation.taken_over' && data.reason === 'agent_takeover')
  )
}
