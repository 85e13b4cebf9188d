import type { Attachment, Message, Unsent } from './conversation'
import { h } from './dom'
import { linkified } from './linkify'
import { type Language, say } from './texts'

export interface UnsentActions {
  retry(id: string): void
  discard(id: string): void
  /** Files of a message; nothing until those who show them are there. */
  files(attachments: Attachment[] | undefined): Node[]
}

/** The list of messages. Rows stay where they are and change in place, so a screen reader hears only what is new. */
export class Log {
  readonly element: HTMLElement
  private readonly rows = new Map<string, HTMLElement>()

  constructor(private readonly actions: UnsentActions) {
    this.element = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', tabindex: '0' })
  }

  render(messages: Message[], outbox: Unsent[], language: Language): void {
    this.element.setAttribute('aria-label', say(language, 'log'))
    const wanted = new Map<string, HTMLElement>()
    for (const one of messages)
      this.put(wanted, keyOf(one), this.version(one, language), () => this.row(one, language))
    for (const one of outbox) {
      const key = `c:${one.client_message_id}`
      this.put(wanted, key, `${key}:${one.failed}:${language}`, () => this.unsentRow(one, language))
    }
    for (const [key, element] of this.rows) if (!wanted.has(key)) element.remove()
    this.rows.clear()
    let place: ChildNode | null = this.element.firstChild
    for (const [key, element] of wanted) {
      if (place === element) place = element.nextSibling
      else this.element.insertBefore(element, place)
      this.rows.set(key, element)
    }
  }

  isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.element
    return scrollHeight - scrollTop - clientHeight < 60
  }

  toEnd(): void {
    this.element.scrollTop = this.element.scrollHeight
  }

  private put(wanted: Map<string, HTMLElement>, key: string, version: string, make: () => HTMLElement): void {
    const known = this.rows.get(key)
    if (known?.dataset.version === version) {
      wanted.set(key, known)
      return
    }
    const made = make()
    made.dataset.version = version
    known?.replaceWith(made)
    wanted.set(key, made)
  }

  private version(message: Message, language: Language): string {
    return `${message.id}:${message.text.length}:${language}:${this.actions.files(message.attachments).length}`
  }

  private row(message: Message, language: Language): HTMLElement {
    const name = senderName(message, language)
    const time = new Date(message.created_at)
    const clock = time.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit', hour12: false })
    const foot = h('div', { class: 'foot' }, message.author === 'agent' ? `${name} · ${clock}` : clock)
    const said = bubble(message.text, name)
    said.append(...this.actions.files(message.attachments))
    return h('div', { class: `row ${message.author}` }, said, foot)
  }

  private unsentRow(one: Unsent, language: Language): HTMLElement {
    const foot = h('div', { class: 'foot' }, say(language, one.failed ? 'failed' : 'sending'))
    if (one.failed) {
      const id = one.client_message_id
      foot.append(
        h('button', { type: 'button', onclick: () => this.actions.retry(id) }, say(language, 'retry')),
        h('button', { type: 'button', onclick: () => this.actions.discard(id) }, say(language, 'discard')),
      )
    }
    const classes = `row customer ${one.failed ? 'failed' : 'waiting'}`
    return h(
      'div',
      { class: classes },
      bubble(one.text || (one.attachments?.[0]?.name ?? ''), say(language, 'you')),
      foot,
    )
  }
}

function keyOf(message: Message): string {
  return message.client_message_id ? `c:${message.client_message_id}` : `m:${message.id}`
}

function bubble(text: string, sender: string): HTMLElement {
  const words = h('span', { dir: 'auto' })
  words.append(...linkified(text))
  return h('div', { class: 'bubble' }, h('span', { class: 'hidden' }, `${sender}: `), words)
}

function senderName(message: Message, language: Language): string {
  if (message.author === 'customer') return say(language, 'you')
  if (message.author === 'agent') return message.author_name ?? say(language, 'agent')
  return say(language, message.author)
}
