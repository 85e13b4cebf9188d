const TYPING_MS = 6000
/** The bot says once that it thinks; its turn ends within the server's deadline, with an answer or a person. */
const THINKING_MS = 9000

/** Who is writing at the moment. Nothing tells when they stop, so each word of it lasts for some seconds. */
export class Typist {
  /** Of the agent who writes; null while it is the assistant. */
  name: string | null = null
  private until = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly changed: () => void) {}

  get writes(): boolean {
    return this.until > Date.now()
  }

  starts(author: string, name: string | null): void {
    const lasts = author === 'bot' ? THINKING_MS : TYPING_MS
    this.until = Date.now() + lasts
    this.name = name
    clearTimeout(this.timer)
    this.timer = setTimeout(this.changed, lasts + 50)
  }

  stops(): void {
    this.until = 0
    clearTimeout(this.timer)
  }
}
