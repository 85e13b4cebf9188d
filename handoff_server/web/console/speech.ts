/** What the agent says: into the outbox at once, to the server as soon as it can be reached, in order, none twice. */
import { shallowRef } from 'vue'
import { messageId } from '../message-id'
import { Outbox, sendable, type Extras, type Unsent } from './model/outbox'
import { isPutOff, pause } from './model/pace'
import type { Picked } from './model/picked'
import type { Answer, Conversation, Message, Refused } from './model/protocol'
import { SessionError } from './server/session'

interface Surroundings {
  call<Fields>(event: string, data: object): Promise<Answer<Fields>>
  /** Is there a server to say it to, and is it settled who has the conversation? */
  mayLeave(conversationId: string): boolean
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
  function say(conversation: Conversation, text: string, asNote: boolean, extras: Extras = {}): boolean {
    const clean = text.trim()
    if (!clean && !extras.attachments?.length) return false
    try {
      outbox.put({
        client_message_id: messageId(),
        conversation_id: conversation.id,
        epoch: conversation.epoch,
        text: clean,
        private: asNote,
        created_at: Math.max(Date.now(), (unsent.value.at(-1)?.created_at ?? 0) + 1),
        failed: null,
        attachments: [],
        mentions: [],
        canned: null,
        ...extras,
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
      if (around.mayLeave(one.conversation_id) && !sending.has(one.conversation_id)) void send(one)
    }
  }

  async function send(one: Unsent): Promise<void> {
    sending.add(one.conversation_id)
    const answer = await post(one)
    sending.delete(one.conversation_id)
    if (answer.ok) {
      around.said(answer.message)
      discard(one)
    } else if (isTemporary(answer.error)) {
      setTimeout(deliver, pause(answer.error))
      return
    } else {
      if (outbox.has(one)) outbox.put({ ...one, failed: answer.error.code })
      remember()
    }
    deliver()
  }

  async function post(one: Unsent): Promise<Answer<{ message: Message }>> {
    const { client_message_id, conversation_id, epoch, text, private: isNote, mentions, canned } = one
    let attachments = one.attachments ?? []
    if (attachments.some(({ id }) => !id)) {
      const stored = await store(one)
      if (!stored.ok) return stored
      attachments = stored.attachments
    }
    return around.call<{ message: Message }>('reply', {
      client_message_id,
      conversation_id,
      epoch,
      text,
      private: isNote,
      ...(attachments.length && { attachments: attachments.map(({ id }) => id) }),
      ...(mentions?.length && { mentions }),
      ...(canned && { canned }),
    })
  }

  /** Its files go ahead of it; what the server has once, it is not sent again. */
  async function store(one: Unsent): Promise<Answer<{ attachments: Picked[] }>> {
    const attachments = [...one.attachments]
    for (const [index, picked] of attachments.entries()) {
      if (picked.id) continue
      try {
        const { settled, upload } = await import('./composer/uploads')
        attachments[index] = { ...picked, id: (await upload(one.conversation_id, picked)).id }
        settled(picked.key)
      } catch (error) {
        const code = error instanceof SessionError ? error.code : 'unreachable'
        return { ok: false, error: { code, message: '' } }
      }
      if (outbox.has(one)) outbox.put({ ...one, attachments })
    }
    return { ok: true, attachments }
  }

  /** A refused message goes out again, under the epoch that holds now; files that the server has let go are sent anew. */
  function sendAgain(one: Unsent): void {
    const epoch = around.epochOf(one.conversation_id) ?? one.epoch
    const isGone = one.failed === 'unknown_attachment'
    const attachments = (one.attachments ?? []).map((file) => (isGone ? { ...file, id: null } : file))
    outbox.put({ ...one, attachments, epoch, failed: null })
    remember()
    deliver()
  }

  function discard(one: Unsent): void {
    outbox.remove(one.client_message_id)
    void forgetFiles(one)
    remember()
  }

  async function forgetFiles(one: Unsent | undefined): Promise<void> {
    if (!one?.attachments?.length) return
    const { forget } = await import('./composer/uploads')
    one.attachments.forEach(({ key }) => forget(key))
  }

  /** What the log shows has arrived, whatever became of the answer. */
  function settle(messages: Message[]): void {
    for (const message of messages) {
      const id = message.author_id === agentId ? message.client_message_id : null
      if (!id) continue
      outbox.remove(id)
      void forgetFiles(unsent.value.find((one) => one.client_message_id === id))
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
