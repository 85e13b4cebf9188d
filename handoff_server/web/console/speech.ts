/** What the agent says: into the outbox at once, to the server as soon as it can be reached, in order, none twice. */
import { shallowRef } from 'vue'
import { messageId } from '../message-id'
import { Outbox, sendable, type Unsent } from './model/outbox'
import { isPutOff, pause } from './model/pace'
import type { Answer, Conversation, Message, Refused } from './model/protocol'

interface Surroundings {
  call<Fields>(event: string, data: object): Promise<Answer<Fields>>
  /** Is there a server to say it to? */
  mayLeave(): boolean
  epochOf(conversationId: string): number | undefined
  /** The server has it in its log. */
  said(message: Message): void
  /** The browser keeps no more. */
  full(): void
}

export function createSpeech(agentId: string, storage: Storage, around: Surroundings) {
  const outbox = new Outbox(storage, agentId)
  const unsent = shallowRef(outbox.all())
  const sending = new Set<string>()

  /** Takes the words into the outbox at once; they leave as soon as the server can be reached. */
  function say(conversation: Conversation, text: string, asNote: boolean): boolean {
    const clean = text.trim()
    if (!clean) return false
    try {
      outbox.put({
        client_message_id: messageId(),
        conversation_id: conversation.id,
        epoch: conversation.epoch,
        text: clean,
        private: asNote,
        created_at: Math.max(Date.now(), (unsent.value.at(-1)?.created_at ?? 0) + 1),
        failed: null,
      })
    } catch {
      around.full()
      return false
    }
    remember()
    deliver()
    return true
  }

  function deliver(): void {
    for (const one of sendable(unsent.value)) {
      if (around.mayLeave() && !sending.has(one.conversation_id)) void send(one)
    }
  }

  async function send(one: Unsent): Promise<void> {
    sending.add(one.conversation_id)
    const { client_message_id, conversation_id, epoch, text, private: isNote } = one
    const answer = await around.call<{ message: Message }>('reply', {
      client_message_id,
      conversation_id,
      epoch,
      text,
      private: isNote,
    })
    sending.delete(conversation_id)
    if (answer.ok) {
      around.said(answer.message)
      discard(one)
    } else if (isTemporary(answer.error)) {
      setTimeout(deliver, pause(answer.error))
      return
    } else {
      outbox.put({ ...one, failed: answer.error.code })
      remember()
    }
    deliver()
  }

  /** A refused message goes out again, under the epoch that holds now. */
  function sendAgain(one: Unsent): void {
    outbox.put({ ...one, epoch: around.epochOf(one.conversation_id) ?? one.epoch, failed: null })
    remember()
    deliver()
  }

  function discard(one: Unsent): void {
    outbox.remove(one.client_message_id)
    remember()
  }

  /** What the log shows has arrived, whatever became of the answer. */
  function settle(messages: Message[]): void {
    for (const message of messages) {
      if (message.client_message_id && message.author_id === agentId) outbox.remove(message.client_message_id)
    }
    remember()
  }

  function remember(): void {
    unsent.value = outbox.all()
  }

  return { unsent, say, sendAgain, discard, settle, deliver }
}

/** A fault of the server is not: it may lie in this very message, which would then hold up all later ones unseen. */
function isTemporary(error: Refused): boolean {
  return isPutOff(error) || error.code === 'unauthorized'
}
