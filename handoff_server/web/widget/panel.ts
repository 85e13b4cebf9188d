import { Composer } from './composer'
import type { Status } from './connection'
import { quickReplies, type State, type Unsent } from './conversation'
import { h, icon, ICONS } from './dom'
import type { Extras } from './extras'
import { Head } from './head'
import { Log } from './log'
import { Replies } from './replies'
import type { Session } from './session'
import { type Key, type Language, ownWord, say } from './texts'

const TROUBLE: Partial<Record<Status, Key>> = {
  offline: 'offline',
  unavailable: 'unavailable',
  connecting: 'connecting',
}

/** The chat, as its panel sees it. */
export interface Chat {
  readonly session: Session
  readonly extras: Extras | undefined
  readonly isOpen: boolean
  readonly title: string
  close(): void
}

/** What opens: who speaks, what was said, and where the customer writes. */
export class Panel {
  readonly element: HTMLElement
  readonly head: Head
  readonly composer: Composer
  private readonly log: Log
  private readonly replies: Replies
  private readonly who = h('div', { class: 'who', role: 'status' })
  private readonly trouble = h('div', { class: 'trouble', role: 'status', hidden: true })
  private readonly greeting = h('p', { class: 'greeting' })
  private readonly typing = h('div', { class: 'typing', 'aria-live': 'polite' })
  private readonly human: HTMLButtonElement
  private readonly privacy = h('a', { class: 'privacy', target: '_blank', rel: 'noopener' })

  constructor(private readonly chat: Chat) {
    this.head = new Head(
      () => chat.session.switchLanguage(),
      () => chat.close(),
    )
    this.log = new Log({
      retry: (id) => chat.session.again(id),
      discard: (id) => chat.session.outbox.discard(id),
      files: (attachments) => (attachments && chat.extras?.shown(attachments, chat.session.language)) ?? [],
    })
    this.replies = new Replies(({ id, title }) => this.put({ kind: 'button', text: title, button: id }))
    this.human = h('button', { type: 'button', class: 'human', onclick: () => this.turn() })
    this.composer = new Composer(
      (text) => this.write(text),
      (draft) => chat.session.drafted(draft),
      () => !!chat.extras?.ready.length,
    )
    this.element = h(
      'section',
      { class: 'panel', role: 'dialog', 'aria-labelledby': 'title', hidden: true },
      this.head.element,
      this.who,
      this.trouble,
      this.greeting,
      this.log.element,
      this.typing,
      h('div', { class: 'bottom' }, this.replies.element, this.human, this.composer.element, this.privacy),
    )
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') chat.close()
    })
  }

  opened(): void {
    this.log.toEnd()
    this.composer.field.focus()
  }

  render(): void {
    const { session, extras, isOpen, title } = this.chat
    const { language, messages, outbox, standing } = session
    const atEnd = this.log.isAtEnd() // before anything below takes room from it
    this.element.lang = language
    this.element.hidden = !isOpen
    this.head.render(language, title)
    this.renderSigns(language)
    this.greeting.textContent = messages.length ? '' : ownWord(language, 'greeting')
    this.privacy.textContent = ownWord(language, 'privacy')
    this.privacy.hidden = !this.privacy.textContent
    this.privacy.setAttribute('href', ownWord(language, 'privacy_url'))
    this.log.render(messages, outbox.items, language)
    this.replies.render(language, quickReplies(messages, outbox.items))
    this.renderHuman(language, standing?.owner ?? 'bot')
    this.composer.render(language)
    extras?.render(language)
    if (atEnd) this.log.toEnd()
  }

  private renderSigns(language: Language): void {
    const { line, standing, typist } = this.chat.session
    const trouble = TROUBLE[line]
    setText(this.who, speaker(standing, language))
    this.trouble.hidden = !trouble
    setText(this.trouble, trouble ? say(language, trouble) : '')
    const name = typist.name ?? say(language, 'bot')
    setText(this.typing, typist.writes ? say(language, 'typing', { name }) : '')
    this.typing.classList.toggle('on', typist.writes)
  }

  private renderHuman(language: Language, owner: State['owner']): void {
    this.human.hidden = owner === 'agent'
    this.human.replaceChildren(
      ...(owner === 'bot' ? [icon(ICONS.person)] : []),
      say(language, owner === 'bot' ? 'human' : 'backToBot'),
    )
  }

  /** To a person; to the assistant again while none has come. */
  private turn(): void {
    const { language, standing } = this.chat.session
    const kind = standing?.owner === 'queue' ? 'bot' : 'human'
    this.chat.session.wish(kind, say(language, kind === 'bot' ? 'backToBot' : 'human'))
    this.log.toEnd()
  }

  private write(text: string): void {
    const attachments = this.chat.extras?.ready
    this.put({ kind: 'text', text, ...(attachments?.length && { attachments }) })
    this.chat.extras?.sent()
  }

  private put(what: Omit<Unsent, 'client_message_id'>): void {
    this.chat.session.put(what)
    this.log.toEnd()
  }
}

function speaker(state: State | null, language: Language): string {
  if (!state || state.owner === 'bot') return say(language, 'withBot')
  if (state.owner === 'agent') {
    return say(language, 'withAgent', { name: state.agent_name ?? say(language, 'agent') })
  }
  const values = { position: state.position ?? '…', online: state.agents_online }
  return say(language, state.agents_online ? 'inQueue' : 'inQueueNobody', values)
}

/** Only a change is written, since a live region speaks whatever is written. */
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
