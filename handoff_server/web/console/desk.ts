/** One agent's desk: the state of the server, what the agent is about to say, and every act between the two. */
import { computed, inject, ref, shallowRef, watch, type InjectionKey } from 'vue'
import { clock, setClock, wakings } from './clock'
import { createDrafts } from './drafts'
import type { Draft } from './model/drafts'
import { inTab, TABS } from './model/inbox'
import { isPutOff, Pace, pause } from './model/pace'
import { withExpected, type Details } from './model/expected'
import { isMine } from './model/permission'
import type {
  Agent,
  Answer,
  AssistantState,
  Change,
  Conversation,
  Message,
  Policy,
  Refused,
  Typing,
} from './model/protocol'
import { Pictures } from './model/pictures'
import { applyHistory, needsHistory, nothing, type State } from './model/state'
import { Stream } from './model/stream'
import type { Connection, Listener } from './server/connection'
import type { Me } from './server/session'
import { createMoves } from './moves'
import { createSpeech } from './speech'
import { Typists } from './typists'
import { createUndo } from './undo'
import { Viewers, type Viewing } from './viewers'

const AGAIN_MS = 3_000
const TYPING_EVERY_MS = 3_000
const HISTORY = 100
const stranger: Omit<Agent, 'id' | 'name' | 'role'> = {
  email: '',
  presence: 'offline',
  open: 0,
  teams: [],
  skills: [],
  languages: [],
  capacity: 0,
  load: 0,
  hard_today: 0,
  removed: false,
}
const unknown: Policy = { version: '', teams: [], dispositions: [], skills: [] }

/** A refusal, and whose conversation it is about where the agent has gone on to another one. */
export type Notice = Refused & { about?: string }
export type Desk = ReturnType<typeof createDesk>
export type Connect = (listener: Listener) => Pick<Connection, 'open' | 'close' | 'call' | 'hear'>
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
  const online = ref(false)
  const connected = ref(false)
  const behind = ref(false)
  /** Without a connection nothing is slow: there is nobody to wait for. */
  const slow = computed(() => connected.value && behind.value)
  const loaded = ref(false)
  const sessionEnded = ref(false)
  const notice = ref<Notice | null>(null)
  const assistantDown = ref(false)
  /** By the page's clock: when the next try to connect is made. */
  const nextTry = ref(0)
  /** The build of the console that the server had when this page came, and whether it has another one now. */
  let version: string | undefined
  const outdated = ref(false)
  const policy = shallowRef(unknown)
  const typists = new Typists()
  const viewers = new Viewers(who.id)
  const drafts = createDrafts(who.id, storage, { call, online: () => online.value })
  let toldTypingAt = 0
  let probing: ReturnType<typeof setTimeout> | undefined

  const pace = new Pace((isSlow) => (behind.value = isSlow))
  const pictures = new Pictures(told)
  const stream = new Stream(catchUp, (next) => pictures.put(next))
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
  /** What the agent sees: what the server has told, and what the agent's own moves will make of it. */
  const state = computed(() => withExpected(server.value, moves.expected.value))
  const { loading } = moves
  const connection = connect({
    connected: () => {
      connected.value = true
      pace.forget()
      void start()
    },
    disconnected: () => (online.value = connected.value = false),
    triesIn: (wait) => (nextTry.value = clock.value + wait),
    changed: (frame) => void changed(frame),
    typing: someoneTypes,
    assistantIs,
    sessionEnded: () => (sessionEnded.value = true),
  })
  connection.hear<Viewing>('viewing', (news) => viewers.hear(news))

  connection.hear<Draft>('draft', (news) => drafts.hear(news))
  const speech = createSpeech(who.id, storage, {
    call,
    mayLeave: (conversationId) => online.value && !moves.isUnderWay(conversationId),
    epochOf: (conversationId) => state.value.conversations[conversationId]?.epoch,
    said: (message) =>
      stream.put(applyHistory(stream.state, only({ messages: [message] }), message.conversation_id, true)),
    full: () => (notice.value = { code: 'outbox_full', message: '' }),
  })

  /** Every call goes through here. One that is put off is followed by a small one, so that the sign goes by itself. */
  async function call<Fields>(event: string, data: object): Promise<Answer<Fields>> {
    const answer = await pace.watch(connection.call<Fields>(event, data))
    if (!answer.ok && isPutOff(answer.error)) {
      clearTimeout(probing)
      probing = setTimeout(probe, pause(answer.error))
    }
    return answer
  }

  function probe(): void {
    if (slow.value && online.value) void call('sync', { since: stream.state.seq })
  }

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

  async function catchUp(seq: number): Promise<Change> {
    const [event, data] = seq ? ['sync', { since: seq }] : ['snapshot', {}]
    type Caught = {
      change: Change
      assistant: AssistantState
      policy?: Policy
      drafts?: Draft[]
      viewing?: Record<string, string[]>
      version?: string
    }
    const answer = await call<Caught>(event as string, data as object)
    if (!answer.ok) throw new Error(answer.error.code)
    assistantIs(answer.assistant)
    policy.value = answer.policy ?? policy.value
    viewers.are(answer.viewing ?? {})
    version ??= answer.version
    outdated.value ||= version !== answer.version
    setClock(answer.change.server_time)
    if (answer.drafts) drafts.are(answer.drafts)
    return answer.change
  }

  function told(next: State): void {
    server.value = next
    moves.heard(next)
  }

  function assistantIs(state: AssistantState): void {
    assistantDown.value = state === 'down'
  }

  async function start(): Promise<void> {
    try {
      await stream.start()
    } catch {
      setTimeout(() => void connectedAgain(), AGAIN_MS)
      return
    }
    online.value = loaded.value = true
    speech.settle(Object.values(stream.state.messages).flat())
    speech.deliver()
    undo.resume()
    drafts.deliver()
  }

  async function connectedAgain(): Promise<void> {
    if (!sessionEnded.value && !online.value) connection.open()
    if (!online.value) await start()
  }

  async function changed(frame: Change): Promise<void> {
    setClock(frame.server_time)
    const before = stream.state.seq
    try {
      await stream.receive(frame)
    } catch {
      online.value = false
      setTimeout(() => void connectedAgain(), AGAIN_MS)
      return
    }
    speech.settle(frame.messages)
    for (const message of frame.messages) {
      if (message.direction === 'incoming') typists.stop(message.conversation_id)
      undo.heard(message)
      if (frame.seq > before && isNews(frame, message)) onMessage(message)
    }
  }

  function isNews(frame: Change, message: Message): boolean {
    const told = frame.events.some(
      (event) => event.name === 'message.received' || event.name === 'message.sent',
    )
    return told && message.author_id !== who.id
  }

  function refresh(): void {
    if (online.value) void stream.start().catch(() => undefined)
  }

  watch(wakings, () => {
    if (online.value) refresh()
    else if (!sessionEnded.value) connection.open()
  })

  // What the agent does

  async function ask(event: string, data: object): Promise<boolean> {
    const answer = await call(event, data)
    notice.value = answer.ok ? null : answer.error
    return answer.ok
  }

  /** The newest messages of a conversation that is not loaded far enough, or those before the oldest loaded one. */
  async function loadHistory(conversation: Conversation, earlier: boolean): Promise<void> {
    if (!earlier && !needsHistory(stream.state, conversation)) return
    if (!online.value || loading.has(`history ${conversation.id}`)) return
    loading.add(`history ${conversation.id}`)
    const resets = stream.resets
    const oldest = stream.state.messages[conversation.id]?.[0]?.id
    const answer = await call<{ change: Change; more: boolean }>('history', {
      conversation_id: conversation.id,
      before: earlier ? (oldest ?? null) : null,
      limit: HISTORY,
    })
    loading.delete(`history ${conversation.id}`)
    // Older than a snapshot that came meanwhile, it could bring back what that no longer tells.
    if (resets !== stream.resets) return loadHistory(conversation, earlier)
    if (answer.ok) stream.put(applyHistory(stream.state, answer.change, conversation.id, answer.more))
    else if (earlier) notice.value = answer.error
  }

  /** Conversations that a console does not start with: of those that are held, what is held is newer. */
  function keep(conversations: Conversation[]): void {
    stream.put(applyHistory(stream.state, only({ conversations }), '', true))
  }

  /** The conversation of an address: one that has not been told yet is asked for. */
  async function find(conversationId: string): Promise<void> {
    const data = { conversation_id: conversationId, before: null, limit: HISTORY }
    const answer = await call<{ change: Change; more: boolean }>('history', data)
    if (answer.ok) stream.put(applyHistory(stream.state, answer.change, conversationId, answer.more))
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

  function someoneTypes(news: Typing): void {
    if (news.agent_id !== who.id) typists.hear(news)
  }

  return {
    state,
    me,
    lists,
    offers,
    online,
    slow,
    assistantDown,
    nextTry,
    outdated,
    policy,
    loaded,
    sessionEnded,
    notice,
    typing: typists.now,
    viewing: viewers.now,
    loading,
    drafts,
    unsent: speech.unsent,
    say: speech.say,
    sendAgain: speech.sendAgain,
    discard: speech.discard,
    /** For what has no verb here: the parts of the page that come when they are asked for. */
    call,
    hear: <News>(event: string, handler: (news: News) => void) => connection.hear(event, handler),
    /** Answers whether it is done; a refusal becomes the notice. */
    move: async (...asked: Parameters<typeof moves.move>) => {
      notice.value = null
      return (await moves.move(...asked)).ok
    },
    /** Is what is shown of a conversation only expected? */
    expects: (conversationId: string) => moves.expected.value.has(conversationId),
    undo,
    loadHistory,
    keep,
    find,
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
    /** Which teams are open, and what supervisors decide, changes without a frame. */
    refresh: () => online.value && void stream.start().catch(() => undefined),
    open: () => {
      window.addEventListener('storage', stored)
      window.addEventListener('pagehide', undo.carryOut)
      connection.open()
    },
    close: () => {
      window.removeEventListener('storage', stored)
      window.removeEventListener('pagehide', undo.carryOut)
      undo.carryOut()
      connection.close()
    },
    /** After a new log-in over the page: the open socket, if any, still speaks for the ended session. */
    resume: () => {
      sessionEnded.value = false
      connection.close()
      connection.open()
    },
  }
}

function only(some: Partial<Change>): Change {
  return {
    after: 0,
    seq: 0,
    server_time: 0,
    conversations: [],
    messages: [],
    events: [],
    agents: [],
    ...some,
  }
}

function about(refused: Refused, { customer }: Conversation): Notice {
  return customer.name ? { ...refused, about: customer.name } : refused
}

export type { Answer, Details }
