import { Composer } from './composer'
import { type Answer, Connection, granted, type Listener, type Looks, type Status } from './connection'
import {
  merged,
  type Message,
  quickReplies,
  type State,
  stillUnsent,
  type Unsent,
  unreadSince,
} from './conversation'
import { h, icon, ICONS } from './dom'
import type { Extend, Extras } from './extras'
import { Log } from './log'
import { Outbox } from './outbox'
import { Store } from './store'
import styles from './widget.css?inline'
import { type Key, type Language, languageOf, ownWord, reword, say } from './texts'

const CATCH_UP_AGAIN_MS = 5000
const TYPING_MS = 6000
/** The bot says once that it thinks; its turn ends within the server's deadline, with an answer or a person. */
const THINKING_MS = 9000
const TYPING_EVERY_MS = 3000
const FIRST_RETRY_MS = 5000
const LAST_RETRY_MS = 60_000

/**
 * `<handoff-chat title lang server key>`: a chat in the corner of any page.
 *
 * A visitor who never opens it leaves no trace on the server. What was typed is kept until the server has it.
 */
export class HandoffChat extends HTMLElement implements Listener {
  private readonly root = this.attachShadow({ mode: 'open' })
  private server = ''
  private store!: Store
  private connection!: Connection
  private language: Language = 'es'
  private outbox!: Outbox
  private status_: Status = 'idle'
  private isOpen = false
  private dressed = false
  private extras: Extras | undefined
  /** Caught up on this connection: what comes now follows what came before. */
  private live = false
  private typingUntil = 0
  private typingName = ''
  private saidTyping = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private retry_: ReturnType<typeof setTimeout> | undefined
  private again_: ReturnType<typeof setTimeout> | undefined
  private wait = FIRST_RETRY_MS
  private attached = new AbortController()

  private readonly log = new Log({
    retry: (id) => this.again(id),
    discard: (id) => this.outbox.discard(id),
    files: (attachments) => (attachments && this.extras?.shown(attachments, this.language)) ?? [],
  })
  private readonly composer = new Composer(
    (text) => this.write(text),
    (draft) => this.drafted(draft),
  )
  private readonly badge = h('span', { class: 'badge', 'aria-hidden': 'true' })
  private readonly launcher = h('button', { type: 'button', class: 'launcher', onclick: () => this.toggle() })
  private readonly heading = h('h2', { id: 'title' })
  private readonly languageSwitch = h('button', {
    type: 'button',
    class: 'plain',
    onclick: () => this.switchLanguage(),
  })
  private readonly closer = h(
    'button',
    { type: 'button', class: 'plain', onclick: () => this.close() },
    icon(ICONS.close),
  )
  private readonly who = h('div', { class: 'who', role: 'status' })
  private readonly greeting = h('p', { class: 'greeting' })
  private readonly privacy = h('a', { class: 'privacy', target: '_blank', rel: 'noopener' })
  private readonly trouble = h('div', { class: 'trouble', role: 'status', hidden: true })
  private readonly typing_ = h('div', { class: 'typing', 'aria-live': 'polite' })
  private readonly replies = h('div', { class: 'replies', role: 'group' })
  private readonly human = h('button', { type: 'button', class: 'human', onclick: () => this.humanPressed() })
  private readonly panel = h('section', {
    class: 'panel',
    role: 'dialog',
    'aria-labelledby': 'title',
    hidden: true,
  })

  constructor() {
    super()
    this.build()
  }

  connectedCallback(): void {
    const server = (this.server = (this.getAttribute('server') || location.origin).replace(/\/$/, ''))
    const key = this.getAttribute('key') ?? ''
    this.store = new Store(server, key)
    this.connection = new Connection(server, key, this)
    this.outbox = new Outbox(
      this.store,
      this.connection,
      (answer) => this.heard(answer),
      () => this.render(),
    )
    const { language, state, draft } = this.store.load()
    this.language = language ?? state?.language ?? languageOf(this.getAttribute('lang'))
    this.composer.draft = draft
    this.attached = new AbortController()
    const { signal } = this.attached
    this.store.listen(() => this.otherTab(), signal)
    document.addEventListener('visibilitychange', () => this.tellRead(), { signal })
    this.follow()
    this.render()
    if (!this.dressed) void this.connection.looks().then((looks) => this.dress(looks), noLooks)
  }

  disconnectedCallback(): void {
    this.attached.abort()
    clearTimeout(this.timer)
    clearTimeout(this.retry_)
    clearTimeout(this.again_)
    this.outbox.stop()
    this.connection.close()
    this.status_ = 'idle'
  }

  /** Puts on what the company chose; the console shows so what is not saved yet. */
  dress({ accent, position, texts }: Looks): void {
    this.dressed = true
    this.style.setProperty('--chosen', accent)
    this.dataset.position = position
    reword(texts)
    if (this.isConnected) this.render()
  }

  open(): void {
    this.isOpen = true
    if (this.status_ === 'idle') void this.start()
    void this.extend().catch(() => {}) // the next opening tries again; one can talk without
    this.render()
    this.log.toEnd()
    this.composer.field.focus()
    this.tellRead()
  }

  close(): void {
    this.isOpen = false
    this.render()
    this.launcher.focus()
  }

  // what the connection tells

  message(message: Message): void {
    this.keepMessages([message])
    if (this.live) this.complete(message)
    if (message.author !== 'customer') {
      this.typingUntil = 0
      void this.connection.ask('received', { up_to: message.id }).catch(() => {})
    }
    this.tellRead()
    this.render()
  }

  state(state: State): void {
    // Who was typing may have nothing to say any more.
    const { state: before, language } = this.store.load()
    if (state.owner !== before?.owner) this.typingUntil = 0
    this.language = language ?? state.language
    this.store.save({ state })
    this.render()
  }

  typing(author: string, name: string | null): void {
    const lasts = author === 'bot' ? THINKING_MS : TYPING_MS
    this.typingUntil = Date.now() + lasts
    this.typingName = name ?? say(this.language, 'bot')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.render(), lasts + 50)
    this.render()
  }

  status(status: Status): void {
    this.status_ = status
    this.live = false
    this.render()
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
    void this.start()
  }

  // what the customer does

  private toggle(): void {
    if (this.isOpen) this.close()
    else this.open()
  }

  private humanPressed(): void {
    const kind = this.owner === 'queue' ? 'bot' : 'human'
    const waiting = this.outbox.items.find((one) => one.kind === kind)
    if (waiting) this.again(waiting.client_message_id)
    else this.put({ kind, text: say(this.language, kind === 'bot' ? 'backToBot' : 'human') })
  }

  private switchLanguage(): void {
    this.language = this.language === 'es' ? 'en' : 'es'
    this.store.save({ language: this.language })
    void this.tellLanguage().catch(() => {})
    this.render()
  }

  private drafted(draft: string): void {
    this.store.save({ draft })
    if (!draft || Date.now() - this.saidTyping < TYPING_EVERY_MS) return
    this.saidTyping = Date.now()
    void this.connection.ask('typing').catch(() => {})
  }

  private write(text: string): void {
    const attachments = this.extras?.ready
    this.put({ kind: 'text', text, ...(attachments?.length && { attachments }) })
    this.extras?.sent()
  }

  private put(what: Omit<Unsent, 'client_message_id'>): void {
    this.outbox.add(what)
    this.log.toEnd()
    if (this.status_ === 'idle') void this.start()
    else void this.outbox.flush()
  }

  private again(id: string): void {
    this.outbox.mark(id, false)
    void this.outbox.flush()
  }

  // the server

  /** The session of this site, whichever tab opened it; a new one when there is none. */
  private async start(): Promise<void> {
    if (this.follow()) return
    this.status('connecting')
    try {
      const token = await this.connection.openSession(this.language)
      if (!this.isConnected) return
      if (!this.store.load().token) this.store.save({ token })
      this.wait = FIRST_RETRY_MS
      this.follow()
    } catch {
      if (!this.isConnected) return
      this.status('unavailable')
      clearTimeout(this.retry_)
      this.retry_ = setTimeout(() => void this.start(), this.wait)
      this.wait = Math.min(2 * this.wait, LAST_RETRY_MS)
    }
  }

  /** Opens the socket with the token that is stored now; false when there is none. */
  private follow(): boolean {
    const { token } = this.store.load()
    if (token && token !== this.connection.token) this.connection.open(token)
    return token !== null
  }

  private async extend(): Promise<void> {
    const { server } = this
    if (this.extras) return
    const { extend } = (await import(/* @vite-ignore */ `${server}/widget/handoff-chat-more.js`)) as {
      extend: Extend
    }
    this.extras ??= extend({
      root: this.root,
      server,
      tools: this.languageSwitch.parentElement!,
      form: this.composer.element,
      token: async () => {
        if (!this.store.load().token) await this.start()
        return this.store.load().token
      },
      ask: (event) => this.connection.ask(event),
      forget: () => this.forget(),
      changed: () => this.render(),
    })
    this.composer.holdsFiles = () => this.extras!.ready.length > 0
    this.render()
  }

  /** The conversation is no more; whoever writes again begins another. */
  private forget(): void {
    this.store.save({ token: null, messages: [], since: 0, state: null, seen: 0, outbox: [], draft: '' })
    this.end()
    this.composer.draft = ''
  }

  private end(): void {
    this.connection.close()
    this.status('idle')
  }

  private otherTab(): void {
    if (this.connection.token && !this.store.load().token) this.end()
    this.follow()
    void this.outbox.flush()
    this.render()
  }

  private async catchUp(): Promise<void> {
    clearTimeout(this.again_)
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
      this.again_ = setTimeout(() => this.connection.isUp && void this.catchUp(), CATCH_UP_AGAIN_MS)
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

  private heard({ messages, message, state }: Answer): void {
    if (messages) this.keepMessages(messages)
    if (message) this.keepMessages([message])
    if (state) this.state(state)
  }

  /** Told again whenever the customer looks, since telling it twice is harmless and a lost word is not. */
  private tellRead(): void {
    const last = this.messages.at(-1)
    if (!this.isOpen || !last || document.visibilityState === 'hidden') return
    if (last.id > this.store.load().seen) this.store.save({ seen: last.id })
    void this.connection.ask('read', { up_to: last.id }).catch(() => {})
  }

  private get messages(): Message[] {
    return this.store.load().messages
  }

  private get owner(): State['owner'] {
    return this.store.load().state?.owner ?? 'bot'
  }

  private keepMessages(news: Message[]): void {
    const kept = this.store.load()
    const messages = merged(kept.messages, news)
    this.store.save({ messages, outbox: stillUnsent(kept.outbox, messages) })
    this.render()
  }

  // the face

  private build(): void {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    this.root.adoptedStyleSheets = [sheet]
    const tools = h('div', { class: 'tools' }, this.languageSwitch, this.closer)
    const foot = h('div', { class: 'bottom' }, this.replies, this.human, this.composer.element, this.privacy)
    this.panel.append(
      h('div', { class: 'head' }, this.heading, tools),
      this.who,
      this.trouble,
      this.greeting,
      this.log.element,
      this.typing_,
      foot,
    )
    this.panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close()
    })
    this.launcher.append(icon(ICONS.chat), this.badge)
    this.root.replaceChildren(this.panel, this.launcher)
  }

  private render(): void {
    const language = this.language
    const atEnd = this.log.isAtEnd() // before anything below takes room from it
    const words = (key: Key, values = {}) => say(language, key, values)
    this.panel.lang = language
    this.panel.hidden = !this.isOpen
    this.heading.textContent = this.getAttribute('title') || words('title')
    this.languageSwitch.textContent = words('language')
    this.languageSwitch.lang = language === 'es' ? 'en' : 'es'
    this.closer.setAttribute('aria-label', words('close'))
    setText(this.who, this.speaker())
    this.renderTrouble()
    this.renderLauncher()
    this.greeting.textContent = this.messages.length ? '' : ownWord(language, 'greeting')
    this.privacy.textContent = ownWord(language, 'privacy')
    this.privacy.hidden = !this.privacy.textContent
    this.privacy.setAttribute('href', ownWord(language, 'privacy_url'))
    this.log.render(this.messages, this.outbox.items, language)
    const typing = this.typingUntil > Date.now()
    setText(this.typing_, typing ? words('typing', { name: this.typingName }) : '')
    this.typing_.classList.toggle('on', typing)
    this.renderReplies()
    const { owner } = this
    this.human.hidden = owner === 'agent'
    this.human.replaceChildren(
      ...(owner === 'bot' ? [icon(ICONS.person)] : []),
      words(owner === 'bot' ? 'human' : 'backToBot'),
    )
    this.composer.render(language)
    this.extras?.render(language)
    if (atEnd) this.log.toEnd()
  }

  private renderTrouble(): void {
    const key = { offline: 'offline', unavailable: 'unavailable', connecting: 'connecting' }[
      this.status_ as string
    ]
    this.trouble.hidden = !key
    setText(this.trouble, key ? say(this.language, key as Key) : '')
  }

  private renderLauncher(): void {
    const unread = this.isOpen ? 0 : unreadSince(this.messages, this.store.load().seen)
    const key: Key = this.isOpen ? 'close' : unread ? 'openUnread' : 'open'
    this.launcher.setAttribute('aria-label', say(this.language, key, { n: unread }))
    this.launcher.setAttribute('aria-expanded', String(this.isOpen))
    this.badge.textContent = unread ? String(unread) : ''
    this.badge.hidden = unread === 0
  }

  private renderReplies(): void {
    const offered = quickReplies(this.messages, this.outbox.items)
    this.replies.hidden = offered.length === 0
    this.replies.setAttribute('aria-label', say(this.language, 'quickReplies'))
    const shown = offered.map((one) => one.id).join()
    if (this.replies.dataset.shown === shown) return
    this.replies.dataset.shown = shown
    this.replies.replaceChildren(
      ...offered.map(({ id, title }) =>
        h(
          'button',
          { type: 'button', onclick: () => this.put({ kind: 'button', text: title, button: id }) },
          title,
        ),
      ),
    )
  }

  private speaker(): string {
    const { state } = this.store.load()
    if (!state || state.owner === 'bot') return say(this.language, 'withBot')
    if (state.owner === 'agent') {
      return say(this.language, 'withAgent', { name: state.agent_name ?? say(this.language, 'agent') })
    }
    const values = { position: state.position ?? '…', online: state.agents_online }
    return say(this.language, state.agents_online ? 'inQueue' : 'inQueueNobody', values)
  }
}

/** It looks as it is made. */
function noLooks(): void {}

/** Only a change is written, since a live region speaks whatever is written. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
