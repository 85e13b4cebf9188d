import type { Connection, Status } from './connection'
import type { Store } from './store'
import type { Language } from './texts'

const FIRST_RETRY_MS = 5000
const LAST_RETRY_MS = 60_000

/** Who wants in. */
export interface Visitor {
  readonly language: Language
  /** Goes on with the token that is stored now; false when there is none. */
  follow(): boolean
  status(status: Status): void
}

/** The way to a token. While the server gives none it is asked again, ever more seldom. */
export class Admission {
  private asking: Promise<void> | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private wait = FIRST_RETRY_MS
  private over = false

  constructor(
    private readonly store: Store,
    private readonly connection: Connection,
    private readonly visitor: Visitor,
  ) {}

  /** That of this site, whichever tab got it, else a new one. Null while the server cannot be reached. */
  async token(): Promise<string | null> {
    if (!this.visitor.follow()) await (this.asking ??= this.ask().finally(() => (this.asking = undefined)))
    return this.store.load().token
  }

  stop(): void {
    this.over = true
    clearTimeout(this.timer)
  }

  private async ask(): Promise<void> {
    this.visitor.status('connecting')
    try {
      const token = await this.connection.openSession(this.visitor.language)
      if (this.over) return
      if (!this.store.load().token) this.store.save({ token })
      this.wait = FIRST_RETRY_MS
      this.visitor.follow()
    } catch {
      if (this.over || this.visitor.follow()) return // another tab may have been let in meanwhile
      this.visitor.status('unavailable')
      clearTimeout(this.timer)
      this.timer = setTimeout(() => void this.token(), this.wait)
      this.wait = Math.min(2 * this.wait, LAST_RETRY_MS)
    }
  }
}
