/** One agent's desk: the state of the server, what the agent is about to say, and every act between the two. */
import { computed, inject, ref, shallowRef, type InjectionKey } from 'vue'
import { createDrafts } from './drafts'
import { createHistory } from './history'
import { createHouse } from './house'
import { createLine, type Caught, type Connect } from './line'
import type { Draft } from './model/drafts'
import { withExpected, type Details } from './model/expected'
import { inTab, TABS } from './model/inbox'
import { isMine } from './model/permission'
import type { Agent, Answer, Change, Conversation, Message, Policy, Refused } from './model/protocol'
import { nothing, type State } from './model/state'
import { createMoves } from './moves'
import type { Me } from './server/session'
import { createSpeech } from './speech'
import { createUndo } from './undo'
import type { Viewing } from './viewers'

const TYPING_EVERY_MS = 3_000
const stranger: Omit<Agent, 'id' | 'name' | 'role'> = {
  email: '',
  presence: 'offline',
  since: null,
  open: 0,
  teams: [],
  skills: [],
  languages: [],
  capacity: 0,
  load: 0,
  hard_today: 0,
  removed: false,
}

/** A refusal, and whose conversation it is about where the agent has gone on to another one. */
export type Notice = Refused & { about?: string }
export type Desk = ReturnType<typeof createDesk>
export const DESK: InjectionKey<Desk> = Symbol('desk')

/** The desk that App provides. */
export function useDesk(): Desk {
  const desk = inject(DESK)
  if (!desk) throw new Error('useDesk is called outside of the component that provides the desk')
  return desk
}

/** @param onMessage is told of each new message of others */
export function createDesk(
  who: Me,
  connect: Connect,
  storage: Storage,
  onMessage: (message: Message) => void,
) {
  const server = shallowRef(nothing)
  const notice = ref<Notice | null>(null)
  /** How often the agent's preferences may have become others since this page came. */
  const preferred = ref(0)
  let toldTypingAt = 0

  const house = createHouse(who.id)
  const line = createLine(connect, {
    caught,
    told,
    heard,
    ready,
    typing: house.someoneTypes,
    assistantIs: house.assistantIs,
  })
  const { call, online, stream } = line
  const drafts = createDrafts(who.id, storage, { call, online: () => online.value })
  const moves = createMoves({
    call,
    server: () => stream.state,
    me: () => me.value,
    catchUp: () => stream.start(),
    refused: (error, conversation) => (notice.value = about(error, conversation)),
    ended: () => speech.deliver(),
  })
  const undo = createUndo(who.id, storage, {
    online: () => online.value,
    server: () => stream.state,
    resolve: (conversation, details) => moves.move(conversation, 'resolve', details),
    show: (conversation) => moves.foresee(conversation, 'resolve'),
    hide: moves.forget,
    told: (refused, conversation) => (notice.value = about(refused, conversation)),
  })
  const { loading } = moves
  const history = createHistory({ line, loading, refused: (error) => (notice.value = error) })
  const speech = createSpeech(who.id, storage, {
    call,
    mayLeave: (conversationId) => online.value && !moves.isUnderWay(conversationId),
    epochOf: (conversationId) => state.value.conversations[conversationId]?.epoch,
    said: history.add,
    full: () => (notice.value = { code: 'outbox_full', message: '' }),
  })
  line.hear<Policy>('policy', (news) => (house.policy.value = news))
  line.hear<Viewing>('viewing', (news) => house.viewers.hear(news))
  line.hear<Draft>('draft', (news) => drafts.hear(news))

  /** What the agent sees: what the server has told, and what the agent's own moves will make of it. */
  const state = computed(() => withExpected(server.value, moves.expected.value))
  const me = computed<Agent>(() => state.value.agents[who.id] ?? { ...stranger, ...who })
  const lists = computed(() => {
    const all = Object.values(state.value.conversations)
    return Object.fromEntries(TABS.map((tab) => [tab, inTab([...all], tab, who.id)])) as Record<
      (typeof TABS)[number],
      Conversation[]
    >
  })

  /** What the queue offers to me, the most pressing first. */
  const offers = computed(() =>
    lists.value.queue
      .filter((one) => one.handoff?.offered_to === who.id)
      .sort((a, b) => (a.handoff?.offered_until ?? 0) - (b.handoff?.offered_until ?? 0)),
  )

  function caught(answer: Caught): void {
    house.are(answer)
    if (answer.drafts) drafts.are(answer.drafts)
    heedPreferences(answer.change)
  }

  function told(next: State): void {
    server.value = next
    moves.heard(next)
  }

  function ready(): void {
    speech.settle(Object.values(stream.state.messages).flat())
    speech.deliver()
    undo.resume()
    drafts.deliver()
  }

  function heard(frame: Change, isFresh: boolean): void {
    speech.settle(frame.messages)
    heedPreferences(frame)
    for (const message of frame.messages) {
      if (message.direction === 'incoming') house.typists.stop(message.conversation_id)
      undo.heard(message)
      if (isFresh && isNews(frame, message)) onMessage(message)
    }
  }

  function heedPreferences({ reset, events }: Change): void {
    const isOther = events.some((one) => one.name === 'agent.preferred' && one.actor.id === who.id)
    if (reset || isOther) preferred.value++
  }

  function isNews(frame: Change, message: Message): boolean {
    const told = frame.events.some(
      (event) => event.name === 'message.received' || event.name === 'message.sent',
    )
    return told && message.author_id !== who.id
  }

  // What the agent does

  async function ask(event: string, data: object): Promise<boolean> {
    const answer = await call(event, data)
    notice.value = answer.ok ? null : answer.error
    return answer.ok
  }

  function stored({ key }: StorageEvent): void {
    if (key) drafts.stored(key)
  }

  /** One's own conversation is read by being looked at; looking into the queue leaves it unread. */
  function see(conversation: Conversation): void {
    const newest = state.value.messages[conversation.id]?.at(-1)?.id
    const told = stream.state.conversations[conversation.id]
    if (!newest || !told?.unread || !isMine(told, me.value)) return
    void call('seen', { conversation_id: conversation.id, message_id: newest })
  }

  function tellTyping(conversation: Conversation): void {
    if (Date.now() - toldTypingAt < TYPING_EVERY_MS || !isMine(conversation, me.value)) return
    toldTypingAt = Date.now()
    void call('typing', { conversation_id: conversation.id })
  }

  return {
    state,
    me,
    lists,
    offers,
    online,
    slow: line.slow,
    assistantDown: house.assistantDown,
    nextTry: line.nextTry,
    outdated: house.outdated,
    policy: house.policy,
    preferred,
    loaded: line.loaded,
    sessionEnded: line.sessionEnded,
    notice,
    typing: house.typists.now,
    viewing: house.viewers.now,
    loading,
    drafts,
    unsent: speech.unsent,
    say: speech.say,
    sendAgain: speech.sendAgain,
    discard: speech.discard,
    /** For what has no verb here: the parts of the page that come when they are asked for. */
    call,
    hear: line.hear,
    /** Answers whether it is done; a refusal becomes the notice. */
    move: async (...asked: Parameters<typeof moves.move>) => {
      notice.value = null
      return (await moves.move(...asked)).ok
    },
    /** Is what is shown of a conversation only expected? */
    expects: (conversationId: string) => moves.expected.value.has(conversationId),
    undo,
    loadHistory: history.loadHistory,
    keep: history.keep,
    find: history.find,
    see,
    tellTyping,
    wrapUp: (handoffId: string, details: Details) => ask('wrap_up', { handoff_id: handoffId, ...details }),
    block: (conversation: Conversation, blocked: boolean) =>
      ask('block', { conversation_id: conversation.id, blocked }),
    setAgent: (agentId: string, abilities: Pick<Agent, 'teams' | 'skills' | 'languages' | 'capacity'>) =>
      ask('agent', { agent_id: agentId, ...abilities }),
    removeAgent: (agentId: string) => ask('remove_agent', { agent_id: agentId }),
    setPresence: (presence: 'online' | 'away') => ask('presence', { presence }),
    retry: (message: Message) => ask('retry', { message_id: message.id }),
    /** That there is a newer page is told without a frame. */
    refresh: line.refresh,
    open: () => {
      window.addEventListener('storage', stored)
      window.addEventListener('pagehide', undo.carryOut)
      line.open()
    },
    close: () => {
      window.removeEventListener('storage', stored)
      window.removeEventListener('pagehide', undo.carryOut)
      undo.carryOut()
      line.close()
    },
    resume: line.resume,
  }
}

function about(refused: Refused, { customer }: Conversation): Notice {
  return customer.name ? { ...refused, about: customer.name } : refused
}

export type { Answer, Details }
