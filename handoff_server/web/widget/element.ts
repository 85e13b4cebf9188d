import type { Looks } from './connection'
import type { Extend, Extras } from './extras'
import { Launcher } from './launcher'
import { type Chat, Panel } from './panel'
import { Session, type View } from './session'
import styles from './widget.css?inline'
import { reword } from './texts'

/**
 * `<handoff-chat title lang server key>`: a chat in the corner of any page.
 *
 * A visitor who never opens it leaves no trace on the server. What was typed is kept until the server has it.
 */
export class HandoffChat extends HTMLElement implements Chat, View {
  session!: Session
  extras: Extras | undefined
  isOpen = false
  private dressed = false
  private readonly root = this.attachShadow({ mode: 'open' })
  private readonly panel = new Panel(this)
  private readonly launcher = new Launcher(() => (this.isOpen ? this.close() : this.open()))

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(styles)
    this.root.adoptedStyleSheets = [sheet]
    this.root.replaceChildren(this.panel.element, this.launcher.element)
  }

  private get server(): string {
    return (this.getAttribute('server') || location.origin).replace(/\/$/, '')
  }

  connectedCallback(): void {
    this.session = new Session(this.server, this.getAttribute('key') ?? '', this.getAttribute('lang'), this)
    this.panel.composer.draft = this.session.draft
    this.session.enter()
    this.render()
    if (!this.dressed) void this.session.connection.looks().then((looks) => this.dress(looks), noLooks)
  }

  disconnectedCallback(): void {
    this.session.leave()
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
    this.session.opened()
    void this.extend().catch(() => {}) // the next opening tries again; one can talk without
    this.render()
    this.panel.opened()
  }

  close(): void {
    this.isOpen = false
    this.render()
    this.launcher.element.focus()
  }

  render(): void {
    const { language, unread } = this.session
    this.panel.render()
    this.launcher.render(language, this.isOpen, unread)
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
      tools: this.panel.head.tools,
      form: this.panel.composer.element,
      token: () => this.session.admission.token(),
      ask: (event) => this.session.connection.ask(event),
      forget: () => {
        this.session.forget()
        this.panel.composer.draft = ''
      },
      changed: () => this.render(),
    })
    this.render()
  }
}

/** It looks as it is made. */
function noLooks(): void {}
