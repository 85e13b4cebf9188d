import { Manager, type Socket } from 'socket.io-client'
import type { Message, State, Unsent } from './conversation'
import type { Language, OwnWords } from './texts'

const ACK_MS = 8000
const AGAIN_MS = 5000

export interface Listener {
  message(message: Message): void
  state(state: State): void
  typing(author: string, name: string | null): void
  status(status: Status): void
  /** The socket is up: ask for what was missed, then send what waits. */
  connected(): void
  /** The token is no longer good for anything. */
  unauthorized(token: string): void
}

export interface Looks {
  accent: string
  position: 'end' | 'start'
  texts: Record<Language, OwnWords>
}

export type Status = 'idle' | 'connecting' | 'connected' | 'offline' | 'unavailable'
export type Answer = {
  ok: boolean
  messages?: Message[]
  message?: Message
  state?: State
  url?: string
  error?: { code: string; message: string; retry_after?: number }
}

/** The widget's way to the server: one session, one socket. */
export class Connection {
  private socket: Socket | null = null
  /** Of the socket that is open. */
  token: string | null = null

  constructor(
    private readonly server: string,
    private readonly key: string,
    private readonly listener: Listener,
  ) {}

  /** A new token, bound to a new conversation. Throws when the server does not give one. */
  async openSession(language: string): Promise<string> {
    const answer = await fetch(`${this.server}/widget/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: this.key, language }),
      signal: AbortSignal.timeout(ACK_MS),
    })
    if (!answer.ok) throw new Error(`the server answered ${answer.status} to a request for a session`)
    return ((await answer.json()) as { token: string }).token
  }

  /** What the company chose in the console. Throws when the server does not tell. */
  async looks(): Promise<Looks> {
    const answer = await fetch(`${this.server}/widget/v1/config?key=${this.key}`, {
      signal: AbortSignal.timeout(ACK_MS),
    })
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    return (await answer.json()) as Looks
  }

  open(token: string): void {
    this.close()
    this.listener.status('connecting')
    // Without the library's `io`, which looks for a connection to share: there is none, and it weighs a third of a kB.
    const socket = new Manager(this.server, {
      path: '/widget/socket.io',
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelayMax: 5000,
    }).socket('/', { auth: { token } })
    this.socket = socket
    this.token = token
    socket.on('connect', () => {
      this.listener.status('connected')
      this.listener.connected()
    })
    socket.on('disconnect', () => this.away(socket))
    socket.on('connect_error', (error) => {
      if (error.message === 'unauthorized') this.listener.unauthorized(token)
      else this.away(socket)
    })
    socket.on('message', (message: Message) => this.listener.message(message))
    socket.on('state', (state: State) => this.listener.state(state))
    socket.on('typing', (news: { author: string; name: string | null }) =>
      this.listener.typing(news.author, news.name),
    )
  }

  close(): void {
    this.socket?.removeAllListeners()
    this.socket?.disconnect()
    this.socket = null
    this.token = null
  }

  get isUp(): boolean {
    return this.socket?.connected ?? false
  }

  /** Socket.IO comes back by itself from a lost line, not from a refusal or a farewell of the server. */
  private away(socket: Socket): void {
    this.listener.status('offline')
    if (!socket.active) setTimeout(() => socket === this.socket && socket.connect(), AGAIN_MS)
  }

  /** The server's answer. Throws when none comes in time; nothing is buffered for later: the outbox does that. */
  async ask(event: string, data: object = {}): Promise<Answer> {
    if (!this.socket?.connected) throw new Error('not connected')
    return (await this.socket.timeout(ACK_MS).emitWithAck(event, data)) as Answer
  }

  send(one: Unsent): Promise<Answer> {
    const { client_message_id, text, button } = one
    const attachments = one.attachments?.map((file) => file.id)
    if (one.kind === 'human') return this.ask('ask_human', { client_message_id })
    if (one.kind === 'bot') return this.ask('back_to_bot')
    return this.ask(
      'send',
      one.kind === 'button' ? { client_message_id, button } : { client_message_id, text, attachments },
    )
  }
}

/** The answer, if it is none of the refusals that pass. */
export function granted(answer: Answer): Answer {
  if (!answer.ok) throw new Error(answer.error?.code ?? 'refused')
  return answer
}
