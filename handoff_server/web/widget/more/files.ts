import type { Attachment } from '../conversation'
import { h, icon, ICONS } from '../dom'
import type { Host } from '../extras'
import type { Language } from '../texts'
import { type Key, say } from './texts'

const MOST_BYTES = 5_000_000
const MOST_FILES = 5
const UPLOAD_MS = 60_000
const CLIP =
  'M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L13 4.2a3 3 0 0 1 4.2 4.2L9.4 16.3a1.5 1.5 0 0 1-2.1-2.1L14 7.5'
const ACCEPTED = 'image/*,audio/*,video/*,.pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.txt,.csv'

/** Files on their way: picked, dropped or pasted, uploaded at once, sent with the next message. */
export class Files {
  ready: Attachment[] = []
  private language: Language = 'es'
  private readonly picker = h('input', { type: 'file', multiple: true, hidden: true, accept: ACCEPTED })
  private readonly opener = h(
    'button',
    { type: 'button', class: 'attach', onclick: () => this.picker.click() },
    icon(CLIP),
  )
  private readonly list = h('ul', { class: 'files' })
  private readonly said = h('div', { class: 'count', role: 'status' })
  private under = 0

  constructor(private readonly host: Host) {
    host.form.prepend(this.said, this.list, this.opener, this.picker)
    host.form.classList.add('with-files')
    this.picker.addEventListener('change', () => {
      this.add([...(this.picker.files ?? [])])
      this.picker.value = ''
    })
    host.form.addEventListener('paste', (event) => {
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length) event.preventDefault()
      this.add(files)
    })
    const panel = host.form.closest<HTMLElement>('.panel')!
    panel.addEventListener('dragover', (event) => event.preventDefault())
    panel.addEventListener('drop', (event) => {
      event.preventDefault()
      this.add([...(event.dataTransfer?.files ?? [])])
    })
  }

  sent(): void {
    this.ready = []
    this.show()
  }

  render(language: Language): void {
    this.language = language
    this.opener.setAttribute('aria-label', this.say('attach'))
    this.list.setAttribute('aria-label', this.say('files'))
  }

  private add(files: File[]): void {
    for (const file of files) {
      if (this.ready.length + this.under >= MOST_FILES) this.tell('tooMany', '')
      else if (file.size > MOST_BYTES) this.tell('tooLarge', file.name)
      else void this.upload(file)
    }
  }

  private async upload(file: File): Promise<void> {
    this.under++
    this.tell('uploading', file.name)
    const answer = await this.post(file).catch(() => null)
    this.under--
    if (answer?.ok) {
      this.ready.push((await answer.json()) as Attachment)
      this.said.textContent = ''
    } else this.tell(await whyNot(answer), file.name)
    this.show()
  }

  private async post(file: File): Promise<Response> {
    const address = `${this.host.server}/widget/v1/attachments?name=${encodeURIComponent(file.name)}`
    const headers = { authorization: `Bearer ${await this.host.token()}` }
    return fetch(address, { method: 'POST', headers, body: file, signal: AbortSignal.timeout(UPLOAD_MS) })
  }

  private show(): void {
    this.list.replaceChildren(
      ...this.ready.map((one) =>
        h(
          'li',
          {},
          h('bdi', {}, one.name),
          h(
            'button',
            { type: 'button', 'aria-label': this.say('remove', one.name), onclick: () => this.drop(one) },
            icon(ICONS.close),
          ),
        ),
      ),
    )
    this.host.changed()
  }

  private drop(file: Attachment): void {
    this.ready = this.ready.filter((one) => one !== file)
    this.show()
    this.opener.focus()
  }

  private tell(key: Key, name: string): void {
    this.said.textContent = this.say(key, name)
  }

  private say(key: Key, name = ''): string {
    return say(this.language, key, { name })
  }
}

/** What to say of a file that did not go through. `null`: the server was not reached. */
async function whyNot(answer: Response | null): Promise<Key> {
  if (!answer || answer.status >= 500) return 'notNow'
  if (answer.status !== 429) return 'notTaken'
  const refusal = (await answer.json().catch(() => null)) as { error?: { code?: string } } | null
  return refusal?.error?.code === 'daily_limit' ? 'enoughToday' : 'notNow'
}
