/** Who is typing where. News of it is good for a few seconds; nobody tells that they have stopped. */
import { reactive } from 'vue'
import type { Typing } from './model/protocol'

const TYPING_MS = 6_000

export class Typists {
  /** By conversation. */
  readonly now = reactive(new Map<string, Typing>())
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()

  hear(news: Typing): void {
    const { conversation_id } = news
    clearTimeout(this.timers.get(conversation_id))
    this.now.set(conversation_id, news)
    this.timers.set(
      conversation_id,
      setTimeout(() => this.stop(conversation_id), TYPING_MS),
    )
  }

  stop(conversationId: string): void {
    this.now.delete(conversationId)
    this.timers.delete(conversationId)
  }
}
