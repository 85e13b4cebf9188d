import { h } from './dom'
import { type Language, say } from './texts'

export interface Reply {
  id: string
  title: string
}

/** The quick replies on offer. They stay the same buttons while they are the same, so that the focus stays, too. */
export class Replies {
  readonly element = h('div', { class: 'replies', role: 'group' })
  private shown = ''

  constructor(private readonly chosen: (reply: Reply) => void) {}

  render(language: Language, offered: Reply[]): void {
    this.element.hidden = offered.length === 0
    this.element.setAttribute('aria-label', say(language, 'quickReplies'))
    const shown = offered.map((one) => one.id).join()
    if (this.shown === shown) return
    this.shown = shown
    this.element.replaceChildren(
      ...offered.map((one) => h('button', { type: 'button', onclick: () => this.chosen(one) }, one.title)),
    )
  }
}
