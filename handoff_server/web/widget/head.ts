import { h, icon, ICONS } from './dom'
import { type Language, say } from './texts'

/** The panel's first line: its name, and the buttons beside it. */
export class Head {
  readonly element: HTMLElement
  readonly tools: HTMLElement
  private readonly name = h('h2', { id: 'title' })
  private readonly language: HTMLButtonElement
  private readonly closer: HTMLButtonElement

  constructor(switchLanguage: () => void, close: () => void) {
    const button = (onclick: () => void) => h('button', { type: 'button', class: 'plain', onclick })
    this.language = button(switchLanguage)
    this.closer = button(close)
    this.closer.append(icon(ICONS.close))
    this.tools = h('div', { class: 'tools' }, this.language, this.closer)
    this.element = h('div', { class: 'head' }, this.name, this.tools)
  }

  render(language: Language, name: string): void {
    this.name.textContent = name || say(language, 'title')
    this.language.textContent = say(language, 'language')
    this.language.lang = language === 'es' ? 'en' : 'es'
    this.closer.setAttribute('aria-label', say(language, 'close'))
  }
}
