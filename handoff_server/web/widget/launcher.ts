import { h, icon, ICONS } from './dom'
import { type Key, type Language, say } from './texts'

/** The round button that opens and closes the chat, and counts what has not been read. */
export class Launcher {
  readonly element: HTMLButtonElement
  private readonly badge = h('span', { class: 'badge', 'aria-hidden': 'true' })

  constructor(pressed: () => void) {
    this.element = h(
      'button',
      { type: 'button', class: 'launcher', onclick: pressed },
      icon(ICONS.chat),
      this.badge,
    )
  }

  render(language: Language, isOpen: boolean, unread: number): void {
    const key: Key = isOpen ? 'close' : unread ? 'openUnread' : 'open'
    this.element.setAttribute('aria-label', say(language, key, { n: unread }))
    this.element.setAttribute('aria-expanded', String(isOpen))
    this.badge.hidden = isOpen || !unread
    this.badge.textContent = String(unread)
  }
}
