import type { Message, State, Unsent } from './conversation'
import type { Language } from './texts'

export interface Kept {
  token: string | null
  messages: Message[]
  /** Nothing up to this id is missing. An acknowledged message may be ahead of older ones that are still to come. */
  since: number
  outbox: Unsent[]
  state: State | null
  /** What the customer chose and the server has not heard yet. */
  language: Language | null
  draft: string
  seen: number
}

const NOTHING: Kept = {
  token: null,
  messages: [],
  since: 0,
  outbox: [],
  state: null,
  language: null,
  draft: '',
  seen: 0,
}

/**
 * What outlives the page, in localStorage per server and site key; in memory where that is forbidden or full.
 *
 * All tabs of a site share it, so every change is made to what is stored now, never to what a tab remembers.
 */
export class Store {
  private readonly name: string
  private raw: string | null = null
  private kept = NOTHING
  private lasts = true

  constructor(server: string, key: string) {
    this.name = `relevo:${server}:${key}`
  }

  load(): Kept {
    const raw = this.read()
    if (raw !== this.raw) {
      this.raw = raw
      this.kept = { ...NOTHING, ...parsed(raw) }
    }
    return this.kept
  }

  save(change: Partial<Kept>): void {
    this.kept = { ...this.load(), ...change }
    this.raw = JSON.stringify(this.kept)
    try {
      localStorage.setItem(this.name, this.raw)
    } catch {
      this.lasts = false
    }
  }

  /** Calls back when another tab has saved something, until the signal ends it. */
  listen(changed: () => void, signal: AbortSignal): void {
    const heard = (event: StorageEvent) => event.key === this.name && changed()
    addEventListener('storage', heard, { signal })
  }

  private read(): string | null {
    try {
      return this.lasts ? localStorage.getItem(this.name) : this.raw
    } catch {
      return this.raw
    }
  }
}

function parsed(raw: string | null): Partial<Kept> {
  try {
    return JSON.parse(raw ?? '{}') as Partial<Kept>
  } catch {
    return {}
  }
}
