import { h, icon } from '../dom'
import type { Host } from '../extras'
import type { Language } from '../texts'
import { type Key, say } from './texts'

const DOTS = 'M11 5h2v2h-2zM11 11h2v2h-2zM11 17h2v2h-2z'

/** The customer's own copy of the conversation, and its end. */
export class Menu {
  private readonly opener = h(
    'button',
    { type: 'button', class: 'plain', 'aria-expanded': 'false', onclick: () => this.toggle() },
    icon(DOTS),
  )
  private readonly list = h('div', { class: 'menu', role: 'group', hidden: true })
  private readonly said = h('div', { class: 'said', role: 'status' })
  private language: Language = 'es'

  constructor(private readonly host: Host) {
    host.tools.prepend(this.opener)
    host.tools.parentElement!.after(this.list, this.said)
    // Esc closes what is on top: the menu first, then the chat.
    this.list.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      this.close()
    })
  }

  render(language: Language): void {
    if (language === this.language && this.opener.hasAttribute('aria-label')) return
    this.language = language
    this.opener.setAttribute('aria-label', this.say('menu'))
    this.list.setAttribute('aria-label', this.say('menu'))
    if (!this.list.hidden) this.choices()
  }

  private toggle(): void {
    if (!this.list.hidden) return this.close()
    this.said.textContent = ''
    this.show()
    this.choices()
  }

  private show(): void {
    this.list.hidden = false
    this.opener.setAttribute('aria-expanded', 'true')
  }

  private close(): void {
    this.list.hidden = true
    this.opener.setAttribute('aria-expanded', 'false')
    this.opener.focus()
  }

  private choices(): void {
    this.fill(
      [],
      this.button('transcript', () => void this.transcript()),
      this.button('erase', () => this.confirm()),
    )
  }

  private confirm(): void {
    const question = h('p', {}, this.say('eraseSure'))
    const yes = this.button('eraseYes', () => void this.erase())
    yes.className = 'danger'
    this.fill(
      [question],
      this.button('eraseNo', () => this.close()),
      yes,
    )
  }

  /** The page opens at once, while the click still counts; browsers keep later ones from opening. */
  private async transcript(): Promise<void> {
    const page = open('', '_blank')
    const url = (await this.ask('transcript'))?.url
    if (url && page) {
      page.opener = null
      page.location.href = url
      this.close()
    } else {
      page?.close()
      this.tell('notNow')
    }
  }

  private async erase(): Promise<void> {
    if (!(await this.ask('erase'))?.ok) return this.tell('notNow')
    this.host.forget()
    this.close()
    this.tell('erased')
  }

  private async ask(event: string): Promise<{ ok: boolean; url?: string } | null> {
    return this.host.ask(event).catch(() => null)
  }

  private tell(key: Key): void {
    this.said.textContent = this.say(key)
  }

  private fill(before: Node[], ...buttons: HTMLButtonElement[]): void {
    this.list.replaceChildren(...before, ...buttons)
    buttons[0]!.focus()
  }

  private button(key: Key, onclick: () => void): HTMLButtonElement {
    return h('button', { type: 'button', onclick }, this.say(key))
  }

  private say(key: Key): string {
    return say(this.language, key)
  }
}
