/** What an agent may do with a conversation now; the server has the last word. */
import type { Agent, Conversation } from './protocol'

export type Move = 'claim' | 'take_over' | 'resolve' | 'return' | 'release'

export function moves(conversation: Conversation, me: Agent): Move[] {
  if (conversation.owner === 'queue') return ['claim']
  if (conversation.owner === 'bot') return ['take_over']
  if (conversation.assignee_id === me.id) return ['resolve', 'return', 'release']
  return oversees(me) ? ['take_over'] : []
}

/** Whether the whole of the work is this agent's concern, not only one's own conversations. */
export function oversees(me: Agent): boolean {
  return me.role === 'supervisor' || me.role === 'admin'
}

export function isMine(conversation: Conversation, me: Agent | null): boolean {
  return conversation.owner === 'agent' && me !== null && conversation.assignee_id === me.id
}
