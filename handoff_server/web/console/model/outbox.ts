/** What an agent has written and the server has not yet acknowledged. Kept over reloads; sent again in order. */
import type { Picked } from './picked'
import type { Message } from './protocol'

export interface Unsent {
  client_message_id: string
  conversation_id: string
  epoch: number
  text: string
  private: boolean
  created_at: number
  attachments: Picked[]
  /** Agents that a note calls. */
  mentions: string[]
  /** The canned reply that it was made from. */
  canned: string | null
  /** The code of the refusal, once the server has refused it. */
  failed: string | null
}

/** What a message may bring besides its text. */
export type Extras = Partial<Pick<Unsent, 'attachments' | 'mentions' | 'canned'>>

const MAX_UNSENT = 200

export class Outbox {
  private readonly prefix: string

  /** Each message has an entry of its own, so that several open pages do not overwrite each other's. */
  constructor(
    private readonly storage: Storage,
    agentId: string,
  ) {
    this.prefix = `relevo.outbox.${agentId}.`
  }

  /** In the order in which they were written. */
  all(): Unsent[] {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? '')
    const found = keys.filter((key) => key.startsWith(this.prefix)).map((key) => this.read(key))
    return found.filter((one) => one !== null).sort((a, b) => a.created_at - b.created_at)
  }

  /** @throws RangeError when too much is waiting, DOMException when the browser has no room. */
  put(unsent: Unsent): void {
    const key = this.prefix + unsent.client_message_id
    if (this.storage.getItem(key) === null && this.all().length >= MAX_UNSENT) {
      throw new RangeError(`${MAX_UNSENT} messages are waiting already`)
    }
    this.storage.setItem(key, JSON.stringify(unsent))
  }

  /** False once it is sent or discarded. */
  has(unsent: Unsent): boolean {
    return this.storage.getItem(this.prefix + unsent.client_message_id) !== null
  }

  remove(clientMessageId: string): void {
    this.storage.removeItem(this.prefix + clientMessageId)
  }

  private read(key: string): Unsent | null {
    try {
      return JSON.parse(this.storage.getItem(key) ?? 'null') as Unsent | null
    } catch {
      this.storage.removeItem(key)
      return null
    }
  }
}

/** The first message of each conversation that may go out now; a refused one waits for the agent's word. */
export function sendable(unsent: Unsent[]): Unsent[] {
  const first = new Map<string, Unsent>()
  for (const one of unsent) {
    if (!one.failed && !first.has(one.conversation_id)) first.set(one.conversation_id, one)
  }
  return [...first.values()]
}

/** Those that the server's log does not show yet. */
export function stillUnsent(unsent: Unsent[], log: Message[]): Unsent[] {
  const known = new Set(log.map((message) => message.client_message_id))
  return unsent.filter((one) => !known.has(one.client_message_id))
}
