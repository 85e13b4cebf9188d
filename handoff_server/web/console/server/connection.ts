/** The console's socket: calls with an answer in time, news as they come, and back again after every loss. */
import { io, type Socket } from 'socket.io-client'
import type { Answer, AssistantState, Change, Refused, Typing } from '../model/protocol'
import { whoAmI } from './session'

const ANSWER_MS = 10_000
const FIRST_MS = 500
const LONGEST_MS = 8_000

export interface Listener {
  connected(): void
  disconnected(): void
  /** The next try is made after so many milliseconds. */
  triesIn(wait: number): void
  changed(frame: Change): void
  typing(news: Typing): void
  assistantIs(state: AssistantState): void
  sessionEnded(): void
}

export class Connection {
  private readonly socket: Socket
  private again: ReturnType<typeof setTimeout> | undefined
  private tries = 0

  constructor(private readonly listener: Listener) {
    this.socket = io({
      path: '/console/socket.io',
      autoConnect: false,
      // Whoever waits wants to know until when: the library keeps that to itself.
      reconnection: false,
      // To begin with polling would cost an office that comes back after a cut three requests more for each console.
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    })
    this.socket.on('connect', () => this.connected())
    // Disconnected by the server, by a log-out for instance, one may not be let in again.
    this.socket.on('disconnect', (reason) => this.lost(reason === 'io server disconnect'))
    this.socket.on('connect_error', () => this.lost(!this.socket.active))
    this.socket.on('change', (frame: Change) => listener.changed(frame))
    this.socket.on('typing', (news: Typing) => listener.typing(news))
    this.socket.on('assistant', (news: { state: AssistantState }) => listener.assistantIs(news.state))
    this.socket.on('session_ended', () => listener.sessionEnded())
  }

  readonly open = (): void => {
    clearTimeout(this.again)
    window.addEventListener('online', this.open)
    this.socket.connect()
  }

  close(): void {
    window.removeEventListener('online', this.open)
    this.socket.disconnect()
    clearTimeout(this.again)
  }

  /** The server's answer; without one, a refusal with the code `unreachable`. Nothing waits in the socket's own buffer. */
  async call<Fields>(event: string, data: object): Promise<Answer<Fields>> {
    if (!this.socket.connected) return unreachable
    try {
      return (await this.socket.timeout(ANSWER_MS).emitWithAck(event, data)) as Answer<Fields>
    } catch {
      return unreachable
    }
  }

  /** News of a kind that no frame carries: nothing is lost with them, and none comes twice. */
  hear<News>(event: string, handler: (news: News) => void): void {
    this.socket.on(event, handler)
  }

  private connected(): void {
    this.tries = 0
    this.listener.connected()
  }

  /** @param shut whether it was the server that ended or refused it */
  private lost(shut: boolean): void {
    this.listener.disconnected()
    this.later(shut ? () => void this.askAndOpen() : this.open)
  }

  /** Each time a little later, and not all consoles of an office at once. */
  private later(act: () => void): void {
    const wait = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.tries++) * (0.75 + Math.random() / 2)
    clearTimeout(this.again)
    this.again = setTimeout(act, wait)
    this.listener.triesIn(wait)
  }

  /** Is the session over, or has the server only trouble? The first needs the agent, the second patience. */
  private async askAndOpen(): Promise<void> {
    const me = await whoAmI().catch(() => undefined)
    if (me === null) this.listener.sessionEnded()
    else if (me) this.open()
    else this.later(() => void this.askAndOpen())
  }
}

const unreachable: { ok: false; error: Refused } = {
  ok: false,
  error: { code: 'unreachable', message: 'the server did not answer' },
}
