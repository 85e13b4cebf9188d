/** What a conversation shows, from top to bottom: days, messages, what happened between them, what is on its way. */
import { stillUnsent, type Unsent } from './outbox'
import type { Message, TimelineEvent } from './protocol'

export type Item =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'message'; key: string; message: Message; place: Place }
  | { kind: 'stretch'; key: string }
  | { kind: 'event'; key: string; event: TimelineEvent }
  | { kind: 'unsent'; key: string; unsent: Unsent }

/** Of one author's messages in a row: the first tells who speaks, the last tells when. */
export type Place = 'only' | 'first' | 'middle' | 'last'

const PAUSE_MS = 5 * 60_000

/** Bookkeeping between server and consoles; everything else is shown, also what this page does not know yet. */
const UNSHOWN =
  /^(message\.|agent\.|dead_letter\.|conversation\.(seen|tagged)$|handoff\.(enriched|renewed|judged|summarised)$|case\.(answered|topic)$)/

export function timeline(log: Message[], events: TimelineEvent[], unsent: Unsent[]): Item[] {
  const shown = events.filter((event) => !UNSHOWN.test(event.name))
  const entries = [
    ...shown.map((event) => eventEntry(event)),
    ...log.map((message) => messageEntry(message)),
  ].sort((a, b) => a.place - b.place || a.rank - b.rank)
  return [...placed(withDays(withStretches(entries))), ...stillUnsent(unsent, log).map(unsentItem)]
}

interface Entry {
  place: number
  /** Between equal places: the message first, then the events after it, by seq. */
  rank: number
  at: number
  item: Item
}

function messageEntry(message: Message): Entry {
  const item: Item = { kind: 'message', key: messageKey(message), message, place: 'only' }
  return { place: message.id, rank: 0, at: message.created_at, item }
}

/** One key for the optimistic and the acknowledged message, so that its bubble does not blink. */
function messageKey(message: Message): string {
  return message.client_message_id ? `c${message.client_message_id}` : `m${message.id}`
}

function eventEntry(event: TimelineEvent): Entry {
  return {
    place: event.after_message_id,
    rank: event.seq,
    at: event.at,
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
  let last: number | null = null
  return entries.flatMap((entry) => {
    const { item } = entry
    const stretch = item.kind === 'message' && item.message.author === 'bot' ? item.message.stretch : null
    const isNew = stretch !== null && last !== null && stretch !== last
    last = stretch ?? last
    return isNew ? [{ ...entry, item: { kind: 'stretch', key: `s${item.key}` } as Item }, entry] : [entry]
  })
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
  const isSame = a.author === b.author && a.author_id === b.author_id && a.private === b.private
  return isSame && b.created_at - a.created_at < PAUSE_MS
}

/** Where a person came in: the assistant passed the conversation on, or somebody took it unasked. */
export function isHandover({ name, data }: TimelineEvent): boolean {
  return (
    name === 'handoff.requested' || (name === 'conversation.taken_over' && data.reason === 'agent_takeover')
  )
}
