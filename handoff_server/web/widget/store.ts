import type { Message, Unsent } from './conversation'

export interface Kept {
  token: string | null
  messages: Message[]
  outbox: Unsent[]
  draft: string
  seen: number
}

const NOTHING: Kept = { token: null, messages: [], outbox: [], draft: '', seen: 0 }

/** Keeps the session and what was typed in localStorage, per server and site key; in memory where that is forbidden. */
export class Store {
  private memory: Kept = { ...NOTHING }
  private readonly name: string

  constructor(server: string, key: string) {
    this.name = `relevo:${server}:${key}`
  }

  load(): Kept {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.name) ?? '{}')
      return { ...NOTHING, ...(kept as Partial<Kept>) }
    } catch {
      return this.memory
    }
  }

  save(change: Partial<Kept>): void {
    this.memory = { ...this.load(), ...change }
    try {
      localStorage.setItem(this.name, JSON.stringify(this.memory))
    } catch {
      // A private window: what was typed lives as long as the page.
    }
  }
}
