/**
 * A resolve waits a few seconds for second thoughts (docs/decisions/0011). Until then it is only shown: the customer
 * has not been told of it and no survey has begun. It outlives the page, and never closes over words of the customer.
 */
import { shallowRef } from 'vue'
import type { Details } from './model/expected'
import { isPutOff } from './model/pace'
import type { Answer, Conversation, Message, Refused } from './model/protocol'
import type { State } from './model/state'

export const UNDO_MS = 5_000

export interface Held {
  conversation: Conversation
  details: Details
  /** The customer's last message when the agent decided. */
  heard: number
  /** By this computer's clock: another page of it may have to go on. */
  until: number
}

interface UndoAround {
  online(): boolean
  server(): State
  resolve(conversation: Conversation, details: Details): Promise<Answer>
  show(conversation: Conversation): void
  hide(conversationId: string): void
  told(refused: Refused, conversation: Conversation): void
}

export function createUndo(agentId: string, storage: Storage, around: UndoAround) {
  const key = `relevo.resolve.${agentId}`
  const held = shallowRef<Held | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  /** One waits at a time: whoever resolves the next has no doubts about the last. */
  function resolve(conversation: Conversation, details: Details): void {
    carryOut()
    hold({ conversation, details, heard: lastHeard(conversation.id), until: Date.now() + UNDO_MS })
    storage.setItem(key, JSON.stringify(held.value))
  }

  function hold(one: Held): void {
    held.value = one
    around.show(one.conversation)
    clearTimeout(timer)
    timer = setTimeout(carryOut, one.until - Date.now())
  }

  /** The conversation stays with its agent as if nothing had been said. */
  function undo(): Conversation | null {
    const was = held.value
    forget()
    if (was) around.hide(was.conversation.id)
    return was?.conversation ?? null
  }

  /** Without a connection it goes on waiting, and can still be undone. */
  function carryOut(): void {
    clearTimeout(timer)
    const now = held.value
    if (!now || !around.online()) return
    if (!stands(now)) return void undo()
    held.value = null
    void around.resolve(now.conversation, now.details).then((answer) => {
      if (held.value) return
      if (answer.ok || !isPutOff(answer.error)) storage.removeItem(key)
      else hold({ ...now, until: Date.now() + UNDO_MS })
    })
  }

  /** After every connection: what a lost page or connection has left is due, if nothing speaks against it. */
  function resume(): void {
    const left = held.value ?? read()
    if (!left) return
    if (!stands(left)) return void undo()
    hold(left)
  }

  /** Nobody has undone it in another tab, the conversation has not moved, and the customer has not written. */
  function stands({ conversation, heard }: Held): boolean {
    const now = around.server().conversations[conversation.id]
    return storage.getItem(key) !== null && now?.epoch === conversation.epoch && lastHeard(now.id) <= heard
  }

  function lastHeard(conversationId: string): number {
    const log = around.server().messages[conversationId] ?? []
    return log.findLast((message) => message.direction === 'incoming')?.id ?? 0
  }

  /** Who writes now has not finished: the conversation stays open, and its agent hears why. */
  function heard(message: Message): void {
    if (message.direction !== 'incoming' || message.conversation_id !== held.value?.conversation.id) return
    const conversation = undo()
    if (conversation) around.told({ code: 'wrote_meanwhile', message: '' }, conversation)
  }

  function forget(): void {
    clearTimeout(timer)
    held.value = null
    storage.removeItem(key)
  }

  function read(): Held | null {
    try {
      return JSON.parse(storage.getItem(key) ?? 'null') as Held | null
    } catch {
      return null
    }
  }

  return { held, resolve, undo, carryOut, resume, heard }
}
