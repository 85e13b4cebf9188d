import { messageId } from '../message-id'
import type { Answer, Connection } from './connection'
import type { Unsent } from './conversation'
import type { Store } from './store'

const RETRY_MS = 5000

/** What the customer did and the server has not acknowledged. It outlives the page and is shared by all tabs. */
export class Outbox {
  private flushing = false
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly store: Store,
    private readonly connection: Connection,
    private readonly acknowledged: (answer: Answer) => void,
    private readonly changed: () => void,
  ) {}

  get items(): Unsent[] {
    return this.store.load().outbox
  }

  add(what: Omit<Unsent, 'client_message_id'>): void {
    this.keep([...this.items, { client_message_id: messageId(), ...what }])
  }

  mark(id: string, failed: boolean): void {
    this.keep(this.items.map((one) => (one.client_message_id === id ? { ...one, failed } : one)))
  }

  discard(id: string): void {
    this.keep(this.items.filter((one) => one.client_message_id !== id))
  }

  /**
   * Sends what waits, one after the other: the order of the customer's words is the order of the log.
   * Two tabs may both send a message; its id makes that one message.
   */
  async flush(): Promise<void> {
    if (this.flushing || !this.connection.isUp) return
    this.flushing = true
    try {
      for (let one = this.next(); one && this.connection.isUp; one = this.next()) await this.deliver(one)
    } catch {
      // No answer: it stays here and goes out again, under the same id.
      this.stop()
      this.timer = setTimeout(() => void this.flush(), RETRY_MS)
    } finally {
      this.flushing = false
    }
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private next(): Unsent | undefined {
    return this.items.find((one) => !one.failed)
  }

  private async deliver(one: Unsent): Promise<void> {
    const answer = await this.connection.send(one)
    if (answer.ok) {
      this.acknowledged(answer)
      this.discard(one.client_message_id)
    } else if (answer.error?.retry_after) {
      await new Promise((done) => setTimeout(done, (answer.error?.retry_after ?? 1) * 1000))
    } else {
      this.mark(one.client_message_id, true)
    }
  }

  private keep(outbox: Unsent[]): void {
    this.store.save({ outbox })
    this.changed()
  }
}
