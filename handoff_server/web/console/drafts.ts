/** What the agent is typing: kept here at once, on the server after a second, and the same on every desk of theirs. */
import { shallowReactive } from 'vue'
import { clock } from './clock'
import { both, DraftStore, nameOf, type Draft, type DraftKind, type KeptDraft } from './model/drafts'
import { isPutOff, pause } from './model/pace'
import type { Answer } from './model/protocol'

const CALM_MS = 1_000
/** What was typed so recently is still being typed: nothing from elsewhere replaces it. */
const TYPING_MS = 5_000

export type Drafts = ReturnType<typeof createDrafts>

interface Around {
  call(event: string, data: object): Promise<Answer<{ updated_at?: number; newer?: Draft | null }>>
  online(): boolean
}

export function createDrafts(agentId: string, storage: Storage, around: Around) {
  const store = new DraftStore(storage, agentId)
  const held = shallowReactive(new Map(store.all().map((one) => [nameOf(one), one])))
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const typedAt = new Map<string, number>()

  function read(conversationId: string, kind: DraftKind): string {
    return held.get(nameOf({ conversation_id: conversationId, kind }))?.text ?? ''
  }

  function write(conversation_id: string, kind: DraftKind, text: string): void {
    const name = nameOf({ conversation_id, kind })
    const before = held.get(name)
    if ((before?.text ?? '') === text) return
    typedAt.set(name, Date.now())
    const updated_at = Math.max(clock.value, (before?.updated_at ?? 0) + 1)
    put({ conversation_id, kind, text, updated_at, told: false })
    tellLater(name, text ? CALM_MS : 0)
  }

  function put(draft: KeptDraft): void {
    held.set(nameOf(draft), draft)
    try {
      store.put(draft)
    } catch {
      // The browser has no room: what is typed is on the page, and on the server in a moment.
    }
  }

  function tellLater(name: string, wait: number): void {
    clearTimeout(timers.get(name))
    timers.set(
      name,
      setTimeout(() => void tell(name), wait),
    )
  }

  async function tell(name: string): Promise<void> {
    const draft = held.get(name)
    if (!draft || draft.told || !around.online()) return
    const { conversation_id, kind, text, updated_at } = draft
    const answer = await around.call('draft', { conversation_id, kind, text, updated_at })
    // A refusal that would come again is no reason to ask for ever; the words stay here.
    if (!answer.ok && isPutOff(answer.error)) return tellLater(name, pause(answer.error))
    if (held.get(name) !== draft) return
    if (answer.ok && answer.newer) return overtaken(draft, answer.newer)
    if (text) put({ ...draft, updated_at: (answer.ok && answer.updated_at) || updated_at, told: true })
    else forget(draft)
  }

  /** Another desk was later with other words; what is being typed here goes on all the same. */
  function overtaken(own: KeptDraft, theirs: Draft): void {
    if (!isBeingTyped(nameOf(own))) return hear(theirs)
    put({ ...own, updated_at: theirs.updated_at + 1 })
    tellLater(nameOf(own), CALM_MS)
  }

  function forget(draft: Draft): void {
    held.delete(nameOf(draft))
    store.remove(draft)
  }

  /** After every connection. */
  function deliver(): void {
    for (const [name, { told }] of held) if (!told) tellLater(name, 0)
  }

  /** All that the server has. What it no longer has was sent or deleted elsewhere. */
  function are(drafts: Draft[]): void {
    const names = new Set(drafts.map(nameOf))
    for (const [name, own] of held) if (own.told && !names.has(name) && !isBeingTyped(name)) forget(own)
    drafts.forEach(hear)
  }

  /** One that was typed at another desk. The newest counts; what neither knew of the other is kept both. */
  function hear({ conversation_id, kind, text, updated_at }: Draft): void {
    const theirs = { conversation_id, kind, text, updated_at }
    const name = nameOf(theirs)
    const own = held.get(name)
    if (own && (own.updated_at >= updated_at || isBeingTyped(name))) return
    if (own && !own.told && own.text && text && own.text !== text) {
      put({ ...theirs, text: both(text, own.text), updated_at: updated_at + 1, told: false })
      tellLater(name, 0)
    } else if (text) put({ ...theirs, told: true })
    else if (own) forget(own)
  }

  /** Another tab of this browser has written to the storage that all of them share. */
  function stored(key: string): void {
    const draft = store.changed(key)
    if (draft && !isBeingTyped(nameOf(draft))) held.set(nameOf(draft), draft)
    if (draft !== null) return
    const gone = [...held].find(([name]) => key.endsWith(`.${name}`))
    if (gone && !isBeingTyped(gone[0])) held.delete(gone[0])
  }

  function isBeingTyped(name: string): boolean {
    return Date.now() - (typedAt.get(name) ?? 0) < TYPING_MS
  }

  return { read, write, deliver, are, hear, stored }
}
