/** The server's doors over HTTP, as far as a page of the settings sees them. */
import { vi } from 'vitest'

type Answered = [status: number, said: unknown]

export class Doors {
  /** Method, path and body of each request, in order. */
  readonly asked: [string, string, unknown][] = []
  /** By method and path below /api/v1, such as `GET me`; anything else is unknown. */
  answers: Record<string, Answered | Promise<Answered>> = {}

  /** Stands where the browser would go out. */
  open(): this {
    vi.stubGlobal('fetch', async (path: string, { method = 'GET', body }: RequestInit = {}) => {
      this.asked.push([method, path, body ? JSON.parse(body as string) : null])
      const name = `${method} ${path.replace('/api/v1/', '')}`
      const [status, said] = (await this.answers[name]) ?? [404, { error: { code: 'unknown' } }]
      return new Response(status === 204 ? null : JSON.stringify(said), { status })
    })
    return this
  }

  forget(): void {
    this.asked.length = 0
    this.answers = {}
  }

  /** What was sent to be kept, in order. */
  written(): unknown[] {
    return this.asked.filter(([method]) => method === 'PUT' || method === 'POST').map(([, , body]) => body)
  }
}
