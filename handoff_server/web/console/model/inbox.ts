/** The lists of the inbox. */
import { folded } from './folded'
import type { Conversation, Handoff } from './protocol'

export const TABS = ['queue', 'mine', 'snoozed', 'all'] as const
export type Tab = (typeof TABS)[number]

const isOf = (conversation: Conversation, me: string) =>
  conversation.owner === 'agent' && conversation.assignee_id === me

const belongs: Record<Tab, (conversation: Conversation, me: string) => boolean> = {
  queue: (conversation) => conversation.owner === 'queue',
  mine: (conversation, me) =>
    (isOf(conversation, me) && !isSnoozed(conversation)) || wrapsUp(conversation.handoff, me),
  snoozed: (conversation, me) => isOf(conversation, me) && isSnoozed(conversation),
  all: () => true,
}

/** The conversations of a tab: the queue as the server serves it, the others by newest message. */
export function inTab(all: Conversation[], tab: Tab, me: string): Conversation[] {
  const chosen = all.filter((conversation) => belongs[tab](conversation, me))
  if (tab === 'queue') {
    return chosen.sort((a, b) => turn(a.handoff) - turn(b.handoff) || waitingSince(a) - waitingSince(b))
  }
  return chosen.sort((a, b) => spokenAt(b) - spokenAt(a))
}

/** Urgent ones first, then those who were promised a call, then the others by priority. */
const ORDER = ['urgent', 'callback', 'high', 'normal', 'low']

function turn(handoff: Handoff | null): number {
  if (handoff?.callback && handoff.priority !== 'urgent') return ORDER.indexOf('callback')
  return ORDER.indexOf(handoff?.priority ?? 'normal')
}

/** Put aside by its agent until the customer writes, or a time. */
export function isSnoozed(conversation: Conversation): boolean {
  return Boolean(conversation.snoozed_until)
}

/** Is this agent still writing up what came of it? */
export function wrapsUp(handoff: Handoff | null, agentId: string): boolean {
  return handoff?.assignee_id === agentId && !!handoff.wrap_up_until && !handoff.wrapped_at
}

/** Those whose customer or last message contains the words. */
export function matching(conversations: Conversation[], words: string): Conversation[] {
  return conversations.filter((one) =>
    matches(`${one.customer.name ?? ''} ${one.last_message?.text ?? ''}`, words),
  )
}

/** Does the text contain the words, whatever their case and accents? */
export function matches(text: string, words: string): boolean {
  return folded(text).includes(folded(words.trim()))
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

/** When the newest message came. */
export function spokenAt(conversation: Conversation): number {
  return conversation.last_message?.created_at ?? conversation.created_at
}
