/** The console's socket: calls with an answer in time, news as they come, and back again after every loss. */
import { io, type Socket } from 'socket.io-client'
import type { Answer, AssistantState, Change, Refused, Typing } from '../model/protocol'
import { whoAmI } from './session'

const ANSWER_MS = 10_000
const AGAIN_MS = 5_000

export interface Listener {
  connected(): void
  disconnected(): void
  changed(frame: Change): void
  typing(news: Typing): void
  assistantIs(state: AssistantState): void
  sessionEnded(): void
}

export class Connection {
  private readonly socket: Socket
  private again: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly listener: Listener) {
    this.socket = io({
      path: '/console/socket.io',
      autoConnect: false,
      reconnectionDelayMax: AGAIN_MS,
      // To begin with polling would cost an office that comes back after a cut three requests more for each console.
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
    })
    this.socket.on('connect', () => listener.connected())
    this.socket.on('disconnect', (reason) => this.lost(reason))
    this.socket.on('connect_error', () => this.refused())
    this.socket.on('change', (frame: Change) => listener.changed(frame))
    this.socket.on('typing', (news: Typing) => listener.typing(news))
    this.socket.on('assistant', (news: { state: AssistantState }) => listener.assistantIs(news.state))
    this.socket.on('session_ended', () => listener.sessionEnded())
  }

  open(): void {
    clearTimeout(this.again)
    this.socket.connect()
  }

  close(): void {
    clearTimeout(this.again)
    this.socket.disconnect()
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

  private lost(reason: string): void {
    this.listener.disconnected()
    // After a disconnection by the server the client would not come back by itself.
    if (reason === 'io server disconnect') this.later()
  }

  private refused(): void {
    this.listener.disconnected()
    if (!this.socket.active) this.later()
  }

  /** Is the session over, or has the server only trouble? The first needs the agent, the second patience. */
  private later(): void {
    clearTimeout(this.again)
    this.again = setTimeout(() => this.askAndOpen(), 500)
  }

  private async askAndOpen(): Promise<void> {
    const me = await whoAmI().catch(() => undefined)
    if (me === null) this.listener.sessionEnded()
    else if (me) this.open()
    else this.again = setTimeout(() => this.askAndOpen(), AGAIN_MS)
  }
}

const unreachable: { ok: false; error: Refused } = {
  ok: false,
  error: { code: 'unreachable', message: 'the server did not answer' },
}
