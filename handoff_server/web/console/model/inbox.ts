/** The three lists of the inbox. */
import type { Conversation } from './protocol'

export const TABS = ['queue', 'mine', 'all'] as const
export type Tab = (typeof TABS)[number]

const belongs: Record<Tab, (conversation: Conversation, me: string) => boolean> = {
  queue: (conversation) => conversation.owner === 'queue',
  mine: (conversation, me) => conversation.owner === 'agent' && conversation.assignee_id === me,
  all: () => true,
}

/** The conversations of a tab: the queue by longest wait, the others by newest message. */
export function inTab(all: Conversation[], tab: Tab, me: string): Conversation[] {
  const chosen = all.filter((conversation) => belongs[tab](conversation, me))
  if (tab === 'queue') return chosen.sort((a, b) => waitingSince(a) - waitingSince(b))
  return chosen.sort((a, b) => spokenAt(b) - spokenAt(a))
}

/** Those whose customer or last message contains the words, whatever their case and accents. */
export function matching(conversations: Conversation[], words: string): Conversation[] {
  const wanted = folded(words.trim())
  if (!wanted) return conversations
  return conversations.filter((one) =>
    folded(`${one.customer.name ?? ''} ${one.last_message?.text ?? ''}`).includes(wanted),
  )
}

/** Since when the customer waits for a person, or null when nobody waits. */
export function customerWaits(conversation: Conversation): number | null {
  if (conversation.owner === 'queue') return waitingSince(conversation)
  const last = conversation.last_message
  return conversation.owner === 'agent' && last?.author === 'customer' ? last.created_at : null
}

function waitingSince(conversation: Conversation): number {
  return conversation.handoff?.requested_at ?? conversation.updated_at
}

function spokenAt(conversation: Conversation): number {
  return conversation.last_message?.created_at ?? conversation.created_at
}

function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
