/** The line to the server: connecting, keeping in step with it, and every call. */
import { computed, ref, watch } from 'vue'
import { clock, setClock, wakings } from './clock'
import type { Draft } from './model/drafts'
import { isPutOff, Pace, pause } from './model/pace'
import { Pictures } from './model/pictures'
import type { Answer, AssistantState, Change, Policy } from './model/protocol'
import type { State } from './model/state'
import { Stream } from './model/stream'
import type { Connection, Listener } from './server/connection'

const AGAIN_MS = 3_000

export type Connect = (listener: Listener) => Pick<Connection, 'open' | 'close' | 'call' | 'hear'>

/** What comes along with the changes that were missed. */
export interface Caught {
  change: Change
  assistant: AssistantState
  policy?: Policy
  drafts?: Draft[]
  viewing?: Record<string, string[]>
  version?: string
}

interface Around extends Pick<Listener, 'typing' | 'assistantIs'> {
  caught(answer: Caught): void
  told(next: State): void
  /** A live frame has its place in the state; one that was known already is not fresh. */
  heard(frame: Change, isFresh: boolean): void
  /** In step with the server, for the first time or again. */
  ready(): void
}

export type Line = ReturnType<typeof createLine>

export function createLine(connect: Connect, around: Around) {
  const online = ref(false)
  const connected = ref(false)
  const behind = ref(false)
  /** Without a connection nothing is slow: there is nobody to wait for. */
  const slow = computed(() => connected.value && behind.value)
  const loaded = ref(false)
  const sessionEnded = ref(false)
  /** By the page's clock: when the next try to connect is made. */
  const nextTry = ref(0)
  let probing: ReturnType<typeof setTimeout> | undefined

  const pace = new Pace((isSlow) => (behind.value = isSlow))
  const pictures = new Pictures(around.told)
  const stream = new Stream(catchUp, (next) => pictures.put(next))
  const connection = connect({
    connected: () => {
      connected.value = true
      pace.forget()
      void start()
    },
    disconnected: () => (online.value = connected.value = false),
    triesIn: (wait) => (nextTry.value = clock.value + wait),
    changed: (frame) => void changed(frame),
    typing: around.typing,
    assistantIs: around.assistantIs,
    sessionEnded: () => (sessionEnded.value = true),
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

  async function catchUp(seq: number): Promise<Change> {
    const answer = await (seq ? call<Caught>('sync', { since: seq }) : call<Caught>('snapshot', {}))
    if (!answer.ok) throw new Error(answer.error.code)
    setClock(answer.change.server_time)
    around.caught(answer)
    return answer.change
  }

  async function start(): Promise<void> {
    try {
      await stream.start()
    } catch {
      setTimeout(() => void startAgain(), AGAIN_MS)
      return
    }
    online.value = loaded.value = true
    around.ready()
  }

  async function startAgain(): Promise<void> {
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
      setTimeout(() => void startAgain(), AGAIN_MS)
      return
    }
    around.heard(frame, frame.seq > before)
  }

  function refresh(): void {
    if (online.value) void stream.start().catch(() => undefined)
  }

  watch(wakings, () => {
    if (online.value) refresh()
    else if (!sessionEnded.value) connection.open()
  })

  return {
    online,
    slow,
    loaded,
    sessionEnded,
    nextTry,
    stream,
    call,
    hear: <News>(event: string, handler: (news: News) => void) => connection.hear(event, handler),
    refresh,
    open: () => connection.open(),
    close: () => connection.close(),
    /** After a new log-in over the page: the open socket, if any, still speaks for the ended session. */
    resume: () => {
      sessionEnded.value = false
      connection.close()
      connection.open()
    },
  }
}
