/** What was typed and not sent, kept per conversation over reloads, log-outs and lost connections. */
export const DRAFTS = ['reply', 'note'] as const
export type DraftKind = (typeof DRAFTS)[number]

export class Drafts {
  constructor(private readonly storage: Storage) {}

  read(conversationId: string, kind: DraftKind): string {
    return this.storage.getItem(key(conversationId, kind)) ?? ''
  }

  write(conversationId: string, kind: DraftKind, text: string): void {
    if (text) this.storage.setItem(key(conversationId, kind), text)
    else this.storage.removeItem(key(conversationId, kind))
  }
}

function key(conversationId: string, kind: DraftKind): string {
  return `relevo.draft.${conversationId}.${kind}`
}
