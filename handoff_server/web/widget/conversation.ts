/** What the widget knows of its conversation, apart from any DOM or socket (docs/protocol.md §4). */

export type Author = 'customer' | 'bot' | 'agent' | 'system'

/** A file of a message. `url` is missing when it could not be kept. */
export interface Attachment {
  id: string
  kind: string
  name: string
  url?: string | null
}

export interface Message {
  id: number
  author: Author
  author_name: string | null
  text: string
  buttons: { id: string; title: string }[]
  attachments?: Attachment[]
  client_message_id: string | null
  delivery: string
  created_at: number
}

export interface State {
  owner: 'bot' | 'queue' | 'agent'
  agent_name: string | null
  position: number | null
  agents_online: number
  language: 'es' | 'en'
}

/** Something the customer did that the server has not acknowledged yet. It survives a reload. */
export interface Unsent {
  client_message_id: string
  kind: 'text' | 'button' | 'human' | 'bot'
  text: string
  button?: string
  attachments?: Attachment[]
  failed?: boolean
}

export const KEPT = 100
export const MAX_TEXT = 4000

/** Upsert by id, in log order, the newest `KEPT`. */
export function merged(known: Message[], news: Message[]): Message[] {
  const byId = new Map([...known, ...news].map((one) => [one.id, one]))
  return [...byId.values()].sort((one, other) => one.id - other.id).slice(-KEPT)
}

/** What is not yet in the log: an acknowledged message must not show twice. */
export function stillUnsent(outbox: Unsent[], messages: Message[]): Unsent[] {
  const arrived = new Set(messages.map((one) => one.client_message_id))
  return outbox.filter((one) => !arrived.has(one.client_message_id))
}

/** The buttons that may be pressed now: those of the last message, while nothing of the customer's came after it. */
export function quickReplies(messages: Message[], outbox: Unsent[]): { id: string; title: string }[] {
  const last = messages.at(-1)
  return last && last.author !== 'customer' && outbox.length === 0 ? last.buttons : []
}

export function unreadSince(messages: Message[], seen: number): number {
  return messages.filter((one) => one.id > seen && one.author !== 'customer').length
}
