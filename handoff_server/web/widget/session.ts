import { Admission } from './admission'
import { type Answer, Connection, granted, type Listener, type Status } from './connection'
import { merged, type Message, type State, stillUnsent, type Unsent, unreadSince } from './conversation'
import { Outbox } from './outbox'
import { Store } from './store'
import { type Language, languageOf } from './texts'
import { Typist } from './typist'

const CATCH_UP_AGAIN_MS = 5000
const TYPING_EVERY_MS = 3000

/** Who shows the session. */
export interface View {
  readonly isOpen: boolean
  render(): void
}

/**
 * The visitor's conversation with this site: kept through reloads, shared by all tabs, caught up at every connection.
 *
 * The server hears of a visitor only when there is something to say.
 */
export class Session implements Listener {
  readonly connection: Connection
  readonly admission: Admission
  readonly outbox: Outbox
  readonly typist: Typist
  language: Language
  line: Status = 'idle'
  private readonly store: Store
  /** Caught up on this connection: what comes now follows what came before. */
  private live = false
  private saidTyping = 0
  private catchUpAgain: ReturnType<typeof setTimeout> | undefined
  private readonly left = new AbortController()

  constructor(
    server: string,
    key: string,
    tag: string | null,
    private readonly view: View,
  ) {
    this.store = new Store(server, key)
    this.connection = new Connection(server, key, this)
    this.admission = new Admission(this.store, this.connection, this)
    this.typist = new Typist(() => view.render())
    this.outbox = new Outbox(
      this.store,
      this.connection,
      (answer) => this.heard(answer),
      () => view.render(),
    )
    const { language, state } = this.store.load()
    this.language = language ?? state?.language ?? languageOf(tag)
  }

  get messages(): Message[] {
    return this.store.load().messages
  }

  get standing(): State | null {
    return this.store.load().state
  }

  get draft(): string {
    return this.store.load().draft
  }

  get unread(): number {
    return unreadSince(this.messages, this.store.load().seen)
  }

  /** Goes on with what is stored, if anything is. */
  enter(): void {
    const { signal } = this.left
    this.store.listen(() => this.otherTab(), signal)
    document.addEventListener('visibilitychange', () => this.tellRead(), { signal })
    this.follow()
  }

  leave(): void {
    this.left.abort()
    this.typist.stops()
    this.admission.stop()
    clearTimeout(this.catchUpAgain)
    this.outbox.stop()
    this.connection.close()
  }

  /** The conversation is no more; whoever writes again begins another. */
  forget(): void {
    this.store.save({ token: null, messages: [], since: 0, state: null, seen: 0, outbox: [], draft: '' })
    this.end()
  }

  // what the customer does

  opened(): void {
    if (this.line === 'idle') void this.admission.token()
    this.tellRead()
  }

  put(what: Omit<Unsent, 'client_message_id'>): void {
    this.outbox.add(what)
    if (this.line === 'idle') void this.admission.token()
    else void this.outbox.flush()
  }

  /** A person, or the bot again. Asked for once: while the wish waits to be heard, it is only told again. */
  wish(kind: 'human' | 'bot', text: string): void {
    const waiting = this.outbox.items.find((one) => one.kind === kind)
    if (waiting) this.again(waiting.client_message_id)
    else this.put({ kind, text })
  }

  again(id: string): void {
    this.outbox.mark(id, false)
    void this.outbox.flush()
  }

  drafted(draft: string): void {
    this.store.save({ draft })
    if (!draft || Date.now() - this.saidTyping < TYPING_EVERY_MS) return
    this.saidTyping = Date.now()
    void this.connection.ask('typing').catch(() => {})
  }

  switchLanguage(): void {
    this.language = this.language === 'es' ? 'en' : 'es'
    this.store.save({ language: this.language })
    void this.tellLanguage().catch(() => {})
    this.view.render()
  }

  // what the connection tells

  message(message: Message): void {
    this.keep([message])
    if (this.live) this.complete(message)
    if (message.author !== 'customer') {
      this.typist.stops()
      void this.connection.ask('received', { up_to: message.id }).catch(() => {})
    }
    this.tellRead()
    this.view.render()
  }

  state(state: State): void {
    // Who was typing may have nothing to say any more.
    const { state: before, language } = this.store.load()
    if (state.owner !== before?.owner) this.typist.stops()
    this.language = language ?? state.language
    this.store.save({ state })
    this.view.render()
  }

  typing(author: string, name: string | null): void {
    this.typist.starts(author, name)
    this.view.render()
  }

  status(status: Status): void {
    this.line = status
    this.live = false
    this.view.render()
  }

  connected(): void {
    void this.catchUp()
  }

  unauthorized(token: string): void {
    this.connection.close()
    // Another tab may have a new one already.
    if (this.store.load().token === token) {
      this.store.save({ token: null, messages: [], since: 0, state: null, seen: 0 })
    }
    void this.admission.token()
  }

  // the server

  /** Opens the socket with the token that is stored now; false when there is none. */
  follow(): boolean {
    const { token } = this.store.load()
    if (token && token !== this.connection.token) this.connection.open(token)
    return token !== null
  }

  private end(): void {
    this.connection.close()
    this.status('idle')
  }

  private otherTab(): void {
    if (this.connection.token && !this.store.load().token) this.end()
    this.follow()
    void this.outbox.flush()
    this.view.render()
  }

  private async catchUp(): Promise<void> {
    clearTimeout(this.catchUpAgain)
    try {
      await this.tellLanguage()
      const answer = granted(await this.connection.ask('resume', { since: this.store.load().since }))
      this.heard(answer)
      this.complete(answer.messages?.at(-1))
      this.live = true
      const last = this.messages.at(-1)
      if (last) await this.connection.ask('received', { up_to: last.id })
      this.tellRead()
      await this.outbox.flush()
    } catch {
      // The next connection catches up; the same one does when the server was only slow.
      this.catchUpAgain = setTimeout(() => this.connection.isUp && void this.catchUp(), CATCH_UP_AGAIN_MS)
    }
  }

  private complete(last: Message | undefined): void {
    if (last && last.id > this.store.load().since) this.store.save({ since: last.id })
  }

  private async tellLanguage(): Promise<void> {
    const { language } = this.store.load()
    if (!language) return
    const answer = granted(await this.connection.ask('language', { language }))
    if (this.store.load().language === language) this.store.save({ language: null })
    this.heard(answer)
  }

  /** Told again whenever the customer looks, since telling it twice is harmless and a lost word is not. */
  private tellRead(): void {
    const last = this.messages.at(-1)
    if (!this.view.isOpen || !last || document.visibilityState === 'hidden') return
    if (last.id > this.store.load().seen) this.store.save({ seen: last.id })
    void this.connection.ask('read', { up_to: last.id }).catch(() => {})
  }

  private heard({ messages, message, state }: Answer): void {
    if (messages) this.keep(messages)
    if (message) this.keep([message])
    if (state) this.state(state)
  }

  private keep(news: Message[]): void {
    const kept = this.store.load()
    const messages = merged(kept.messages, news)
    this.store.save({ messages, outbox: stillUnsent(kept.outbox, messages) })
    this.view.render()
  }
}
