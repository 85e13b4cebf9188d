/** Conversations changing hands by this agent's doing: shown at once, asked of the server, taken back when refused. */
import { reactive, shallowRef } from 'vue'
import { expect, type Details, type Expectations } from './model/expected'
import { isMine, type Move } from './model/permission'
import { persist } from './model/persist'
import type { Agent, Answer, Conversation, Refused } from './model/protocol'
import type { State } from './model/state'

/** How long an accepted move is shown without the frame that tells of it. */
const FRAME_MS = 10_000

export interface MovesAround {
  call(event: string, data: object): Promise<Answer>
  /** What the server has told, without anything expected. */
  server(): State
  me(): Agent
  /** Hears everything that the server has told by now. */
  catchUp(): Promise<void>
  refused(error: Refused, conversation: Conversation): void
  /** A conversation is no longer between two owners. */
  ended(): void
}

export function createMoves(around: MovesAround) {
  const expected = shallowRef<Expectations>(new Map())
  const loading = reactive(new Set<string>())
  const under = new Map<string, Promise<unknown>>()

  /** Claims, resolves, returns …; a refusal is told. */
  function move(conversation: Conversation, what: Move, details: Details = {}): Promise<Answer> {
    const before = under.get(conversation.id)
    loading.add(conversation.id)
    foresee(conversation, what, details)
    const made = make(before, conversation, what, details)
    under.set(conversation.id, made)
    return made.finally(() => {
      if (under.get(conversation.id) !== made) return
      under.delete(conversation.id)
      loading.delete(conversation.id)
      around.ended()
    })
  }

  async function make(
    before: Promise<unknown> | undefined,
    conversation: Conversation,
    what: Move,
    details: Details,
  ) {
    if (before) await before
    const { id: conversation_id, epoch } = conversation
    const data = { conversation_id, epoch, ...details }
    const answer = await persist(
      () => around.call(what, data),
      () => isMade(what, conversation_id, details),
    )
    if (answer.ok) {
      const shown = expected.value.get(conversation_id)
      setTimeout(() => expected.value.get(conversation_id) === shown && forget(conversation_id), FRAME_MS)
    } else {
      forget(conversation_id)
      around.refused(answer.error, conversation)
    }
    return answer
  }

  /** Has the move been made that the server put off, as far as its caller could tell? */
  async function isMade(what: Move, conversationId: string, details: Details): Promise<boolean> {
    await around.catchUp().catch(() => undefined)
    const now = around.server().conversations[conversationId]
    if (what === 'transfer' && details.agent_id) return now?.assignee_id === details.agent_id
    return !!now && isMine(now, around.me()) === (what === 'claim' || what === 'take_over')
  }

  /** Shows what a move will bring, whoever makes it and when. */
  function foresee(conversation: Conversation, what: Move, details: Details = {}): void {
    const one = expect(conversation, what, around.me().id, details)
    if (one) expected.value = new Map(expected.value).set(conversation.id, one)
  }

  function forget(conversationId: string): void {
    if (!expected.value.has(conversationId)) return
    const rest = new Map(expected.value)
    rest.delete(conversationId)
    expected.value = rest
  }

  /** The server has told something new: what it has decided is expected no longer. */
  function heard(state: State): void {
    for (const [id, one] of expected.value) {
      const now = state.conversations[id]
      if (!now || !one.stands(now)) forget(id)
    }
  }

  return {
    expected,
    loading,
    move,
    foresee,
    forget,
    heard,
    /** Is it still open who has the conversation? */
    isUnderWay: (conversationId: string) => under.has(conversationId),
  }
}
