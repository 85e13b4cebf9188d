/** What was typed and not sent, as this browser keeps it: over reloads, log-outs and lost connections. */
export const DRAFTS = ['reply', 'note'] as const
export type DraftKind = (typeof DRAFTS)[number]

/** As on the wire (docs/protocol.md §3). An empty text says that it was sent or deleted. */
export interface Draft {
  conversation_id: string
  kind: DraftKind
  text: string
  updated_at: number
}

export interface KeptDraft extends Draft {
  /** The server has it. */
  told: boolean
}

const MOST = 200

export class DraftStore {
  private readonly prefix: string

  /** Each agent of this browser has drafts of their own. */
  constructor(
    private readonly storage: Storage,
    agentId: string,
  ) {
    this.prefix = `relevo.draft.${agentId}.`
  }

  all(): KeptDraft[] {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index) ?? '')
    return keys
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => this.read(key))
      .filter((one) => one !== null)
  }

  /** Without room, the oldest go: those that the server has first. */
  put(draft: KeptDraft): void {
    const all = this.all()
    if (all.length >= MOST) {
      const [oldest] = all.sort((a, b) => Number(b.told) - Number(a.told) || a.updated_at - b.updated_at)
      if (oldest && nameOf(oldest) !== nameOf(draft)) this.remove(oldest)
    }
    this.storage.setItem(this.prefix + nameOf(draft), JSON.stringify(draft))
  }

  remove(draft: Draft): void {
    this.storage.removeItem(this.prefix + nameOf(draft))
  }

  /** What another tab has written under this key of the storage; undefined: no draft of this agent. */
  changed(key: string): KeptDraft | null | undefined {
    return key.startsWith(this.prefix) ? this.read(key) : undefined
  }

  private read(key: string): KeptDraft | null {
    try {
      return JSON.parse(this.storage.getItem(key) ?? 'null') as KeptDraft | null
    } catch {
      this.storage.removeItem(key)
      return null
    }
  }
}

export function nameOf({ conversation_id, kind }: Pick<Draft, 'conversation_id' | 'kind'>): string {
  return `${conversation_id}.${kind}`
}

/** Two that were typed apart, without either having known of the other: nothing of them is lost. */
export function both(theirs: string, own: string): string {
  if (theirs.includes(own)) return theirs
  return own.includes(theirs) ? own : `${theirs}\n\n${own}`
}
