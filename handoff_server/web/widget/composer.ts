import { MAX_TEXT } from './conversation'
import { h, icon, ICONS } from './dom'
import { type Language, say } from './texts'

const COUNT_FROM = 3500

/** Where the customer writes. Enter sends, Shift+Enter breaks the line; a half-composed character is left alone. */
export class Composer {
  readonly element: HTMLFormElement
  readonly field: HTMLTextAreaElement
  private readonly button: HTMLButtonElement
  private readonly count: HTMLElement
  private language: Language = 'es'

  constructor(
    private readonly send: (text: string) => void,
    private readonly changed: (draft: string) => void,
    /** Is there something to send besides words? */
    private readonly holdsFiles: () => boolean,
  ) {
    this.field = h('textarea', { rows: '1', dir: 'auto', autocomplete: 'off' })
    this.count = h('div', { class: 'count', role: 'status' })
    this.button = h('button', { type: 'submit', class: 'send' }, icon(ICONS.send))
    this.element = h('form', { class: 'composer', novalidate: true }, this.count, this.field, this.button)
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey || composing(event)) return
      event.preventDefault()
      this.submit()
    })
    this.field.addEventListener('input', () => this.edited())
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      this.submit()
    })
  }

  render(language: Language): void {
    this.language = language
    this.field.setAttribute('aria-label', say(language, 'field'))
    this.field.placeholder = say(language, 'field')
    this.button.setAttribute('aria-label', say(language, 'send'))
    this.showCount()
  }

  set draft(text: string) {
    this.field.value = text
    this.fit()
  }

  private submit(): void {
    const text = this.field.value.trim()
    if ((!text && !this.holdsFiles()) || text.length > MAX_TEXT) return
    this.field.value = ''
    this.edited()
    this.send(text)
  }

  private edited(): void {
    this.fit()
    this.showCount()
    this.changed(this.field.value)
  }

  private fit(): void {
    this.field.rows = Math.min(5, Math.max(1, this.field.value.split('\n').length))
  }

  private showCount(): void {
    const left = MAX_TEXT - this.field.value.length
    const near = this.field.value.length > COUNT_FROM
    this.count.textContent = near
      ? say(this.language, left < 0 ? 'tooLong' : 'left', { n: Math.abs(left) })
      : ''
    this.button.disabled = left < 0
  }
}

/** Safari ends the composition before it tells of the Enter that ended it, and marks that key 229. */
function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}
