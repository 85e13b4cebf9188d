import type { Answer } from '../model/protocol'
import type { Listener } from '../server/connection'

/** The server's side of the socket, as far as a desk sees it. */
export class Wire {
  listener!: Listener
  up = false
  doors: string[] = []
  asked: [string, Record<string, unknown>][] = []
  handlers: Record<string, (news: never) => void> = {}
  answers: Record<string, (data: Record<string, unknown>) => Answer> = {}

  connect = (listener: Listener) => {
    this.listener = listener
    return { open: () => this.open(), close: () => this.close(), call: this.call, hear: this.hear }
  }

  call = async <Fields>(name: string, data: object): Promise<Answer<Fields>> => {
    if (!this.up) return { ok: false, error: { code: 'unreachable', message: '' } }
    this.asked.push([name, data as Record<string, unknown>])
    return (this.answers[name]?.(data as Record<string, unknown>) ?? { ok: true }) as Answer<Fields>
  }

  hear = <News>(event: string, handler: (news: News) => void) => void (this.handlers[event] = handler)

  open(): void {
    this.doors.push('open')
    this.comeBack()
  }

  close(): void {
    this.doors.push('close')
    this.lose()
  }

  lose(): void {
    this.up = false
    this.listener.disconnected()
  }

  comeBack(): void {
    this.up = true
    this.listener.connected()
  }

  sent(): unknown[] {
    return this.asked.filter(([name]) => name === 'reply').map(([, data]) => data.text)
  }
}
