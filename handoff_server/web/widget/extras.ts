/** What the chat can do besides talking: fetched when it is opened, and not before (more/). */
import type { Attachment } from './conversation'
import type { Language } from './texts'

/** The chat, as its extras see it. */
export interface Host {
  readonly root: ShadowRoot
  readonly server: string
  /** The head's row of buttons, and the form that is written in. */
  readonly tools: HTMLElement
  readonly form: HTMLFormElement
  /** The session of this chat; opens one when there is none yet. Null while the server cannot be reached. */
  token(): Promise<string | null>
  ask(event: string): Promise<{ ok: boolean; url?: string }>
  /** Forgets everything here. The server has already done so. */
  forget(): void
  changed(): void
}

export interface Extras {
  /** Files that go with the next message. */
  readonly ready: Attachment[]
  /** They have gone. */
  sent(): void
  /** How files of a message look. */
  shown(attachments: Attachment[], language: Language): Node[]
  render(language: Language): void
}

export type Extend = (host: Host) => Extras
