import { Composer } from './composer'
import { Connection, type Listener, type Status } from './connection'
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
import { Log } from './log'
import { messageId } from '../message-id'
import { Store } from './store'
import styles from './widget.css?inline'
import { type Key, type Language, languageOf, say } from './texts'

const TYPING_MS = 6000
const TYPING_EVERY_MS = 3000
const RETRY_MS = 5000

/**
 * `<handoff-chat title lang server key>`: a chat in the corner of any page.
 *
 * A visitor who never opens it leaves no trace on the server. What was typed is kept until the server has it.
 */
export class HandoffChat extends HTMLElement implements Listener {
  private readonly root = this.attachShadow({ mode: 'open' })
  private store!: Store
  private connection!: Connection
  private language: Language = 'es'
  private messages: Message[] = []
  private outbox: Unsent[] = []
  private state_: State | null = null
  private status_: Status = 'idle'
  private isOpen = false
  private flushing = false
  private typingUntil = 0
  private typingName = ''
  private saidTyping = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private retry_: ReturnType<typeof setTimeout> | undefined

  private readonly log = new Log({
    retry: (id) => this.again(id),
    discard: (id) => this.keepOutbox(this.outbox.filter((one) => one.client_message_id !== id)),
  })
  private readonly composer = new Composer(
    (text) => this.put({ kind: 'text', text }),
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

  connectedCallback(): void {
    const server = (this.getAttribute('server') || location.origin).replace(/\/$/, '')
    const key = this.getAttribute('key') ?? ''
    this.store = new Store(server, key)
    this.connection = new Connection(server, key, this)
    const kept = this.store.load()
    this.language = languageOf(this.getAttribute('lang'))
    this.messages = kept.messages
    this.outbox = kept.outbox
    this.composer.draft = kept.draft
    this.build()
    this.render()
    if (kept.token) this.connection.open(kept.token)
  }

  disconnectedCallback(): void {
    clearTimeout(this.timer)
    clearTimeout(this.retry_)
    this.connection.close()
  }

  open(): void {
    this.isOpen = true
    if (this.status_ === 'idle') void this.start()
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
    if (message.author !== 'customer') {
      this.typingUntil = 0
      void this.connection.ask('received', { up_to: message.id }).catch(() => {})
    }
    this.tellRead()
    this.render()
  }

  state(state: State): void {
    // Who was typing may have nothing to say any more.
    if (state.owner !== this.state_?.owner) this.typingUntil = 0
    this.state_ = state
    this.language = state.language
    this.render()
  }

  typing(_author: string, name: string | null): void {
    this.typingUntil = Date.now() + TYPING_MS
    this.typingName = name ?? say(this.language, 'bot')
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.render(), TYPING_MS + 50)
    this.render()
  }

  status(status: Status): void {
    this.status_ = status
    this.render()
  }

  connected(): void {
    void this.catchUp()
  }

  unauthorized(): void {
    this.connection.close()
    this.messages = []
    this.state_ = null
    this.store.save({ token: null, messages: [], seen: 0 })
    void this.start()
  }

  // what the customer does

  private toggle(): void {
    if (this.isOpen) this.close()
    else this.open()
  }

  private humanPressed(): void {
    if (this.state_?.owner === 'queue') {
      void this.connection.ask('back_to_bot').then(
        (answer) => answer.state && this.state(answer.state),
        () => {},
      )
    } else {
      this.put({ kind: 'human', text: say(this.language, 'human') })
    }
  }

  private switchLanguage(): void {
    this.language = this.language === 'es' ? 'en' : 'es'
    void this.connection.ask('language', { language: this.language }).catch(() => {})
    this.render()
  }

  private drafted(draft: string): void {
    this.store.save({ draft })
    if (!draft || Date.now() - this.saidTyping < TYPING_EVERY_MS) return
    this.saidTyping = Date.now()
    void this.connection.ask('typing').catch(() => {})
  }

  private put(what: Pick<Unsent, 'kind' | 'text' | 'button'>): void {
    if (what.kind === 'human' && this.outbox.some((one) => one.kind === 'human')) return
    this.keepOutbox([...this.outbox, { client_message_id: messageId(), ...what }])
    this.log.toEnd()
    if (this.status_ === 'idle') void this.start()
    else void this.flush()
  }

  private again(id: string): void {
    this.keepOutbox(
      this.outbox.map((one) => (one.client_message_id === id ? { ...one, failed: false } : one)),
    )
    void this.flush()
  }

  // the server

  private async start(): Promise<void> {
    this.status('connecting')
    try {
      const token = await this.connection.openSession(this.language)
      this.store.save({ token })
      this.connection.open(token)
    } catch {
      this.status('unavailable')
      clearTimeout(this.retry_)
      this.retry_ = setTimeout(() => void this.start(), RETRY_MS)
    }
  }

  private async catchUp(): Promise<void> {
    try {
      const answer = await this.connection.ask('resume', { since: this.messages.at(-1)?.id ?? 0 })
      if (answer.messages) this.keepMessages(answer.messages)
      if (answer.state) this.state(answer.state)
      this.tellRead()
      await this.flush()
    } catch {
      // The socket went away again; the next connection catches up.
    }
  }

  /** Sends what waits, one after the other: the order of the customer's words is the order of the log. */
  private async flush(): Promise<void> {
    if (this.flushing || !this.connection.isUp) return
    this.flushing = true
    try {
      for (let one = this.next(); one && this.connection.isUp; one = this.next()) await this.deliver(one)
    } catch {
      // No answer: it stays in the outbox and goes out again, under the same id, after the reconnect.
      clearTimeout(this.retry_)
      this.retry_ = setTimeout(() => void this.flush(), RETRY_MS)
    } finally {
      this.flushing = false
    }
  }

  private next(): Unsent | undefined {
    return this.outbox.find((one) => !one.failed)
  }

  private async deliver(one: Unsent): Promise<void> {
    const answer = await this.connection.send(one)
    if (answer.ok) {
      if (answer.message) this.keepMessages([answer.message])
      if (answer.state) this.state(answer.state)
      this.keepOutbox(this.outbox.filter((other) => other.client_message_id !== one.client_message_id))
    } else if (answer.error?.retry_after) {
      await new Promise((done) => setTimeout(done, (answer.error?.retry_after ?? 1) * 1000))
    } else {
      this.keepOutbox(
        this.outbox.map((other) =>
          other.client_message_id === one.client_message_id ? { ...other, failed: true } : other,
        ),
      )
    }
  }

  private tellRead(): void {
    const last = this.messages.at(-1)
    if (!this.isOpen || !last || document.visibilityState === 'hidden') return
    if (last.id > this.store.load().seen) {
      this.store.save({ seen: last.id })
      void this.connection.ask('read', { up_to: last.id }).catch(() => {})
    }
  }

  private keepMessages(news: Message[]): void {
    this.messages = merged(this.messages, news)
    this.store.save({ messages: this.messages })
    this.keepOutbox(stillUnsent(this.outbox, this.messages))
  }

  private keepOutbox(outbox: Unsent[]): void {
    this.outbox = outbox
    this.store.save({ outbox })
    this.render()
  }

  // the face

  private build(): void {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    this.root.adoptedStyleSheets = [sheet]
    const tools = h('div', { class: 'tools' }, this.languageSwitch, this.closer)
    const foot = h('div', { class: 'bottom' }, this.replies, this.human, this.composer.element)
    this.panel.append(
      h('div', { class: 'head' }, this.heading, tools),
      this.who,
      this.trouble,
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
    this.log.render(this.messages, this.outbox, language)
    const typing = this.typingUntil > Date.now()
    setText(this.typing_, typing ? words('typing', { name: this.typingName }) : '')
    this.typing_.classList.toggle('on', typing)
    this.renderReplies()
    const owner = this.state_?.owner ?? 'bot'
    this.human.hidden = owner === 'agent'
    this.human.replaceChildren(
      ...(owner === 'bot' ? [icon(ICONS.person)] : []),
      words(owner === 'bot' ? 'human' : 'backToBot'),
    )
    this.composer.render(language)
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
    const offered = quickReplies(this.messages, this.outbox)
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
    const state = this.state_
    if (!state || state.owner === 'bot') return say(this.language, 'withBot')
    if (state.owner === 'agent') {
      return say(this.language, 'withAgent', { name: state.agent_name ?? say(this.language, 'agent') })
    }
    const values = { position: state.position ?? '…', online: state.agents_online }
    return say(this.language, state.agents_online ? 'inQueue' : 'inQueueNobody', values)
  }
}

/** Only a change is written, since a live region speaks whatever is written. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
