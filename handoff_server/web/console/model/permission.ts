/** What an agent may do with a conversation now; the server has the last word. */
import { isSnoozed } from './inbox'
import type { Agent, Conversation } from './protocol'

export type Move =
  | 'claim'
  | 'decline'
  | 'take_over'
  | 'resolve'
  | 'transfer'
  | 'snooze'
  | 'wake'
  | 'return'
  | 'release'
  | 'wrap_up'
  | 'block'
  | 'unblock'

/** The first is the one that the agent most likely wants. */
export function moves(conversation: Conversation, me: Agent): Move[] {
  const found = { bot: fromBot, queue: fromQueue, agent: fromAgent }[conversation.owner](conversation, me)
  if (!isMine(conversation, me) && !oversees(me)) return found
  return [...found, conversation.blocked_at ? 'unblock' : 'block']
}

function fromBot({ handoff }: Conversation, me: Agent): Move[] {
  const isOwn = handoff?.assignee_id === me.id || oversees(me)
  return handoff?.status === 'resolved' && isOwn ? ['take_over', 'wrap_up'] : ['take_over']
}

/** What is offered to a colleague is the colleague's until it is let pass, except for a supervisor. */
function fromQueue({ handoff }: Conversation, me: Agent): Move[] {
  if (handoff?.offered_to === me.id) return ['claim', 'decline']
  if (oversees(me)) return ['claim', 'transfer']
  return handoff?.offered_to ? [] : ['claim']
}

function fromAgent(conversation: Conversation, me: Agent): Move[] {
  if (!isMine(conversation, me)) return oversees(me) ? ['take_over', 'transfer'] : []
  const own: Move[] = ['resolve', 'transfer', 'snooze', 'return', 'release']
  return isSnoozed(conversation) ? ['wake', ...own] : own
}

/** Whether the whole of the work is this agent's concern, not only one's own conversations. */
export function oversees(me: Pick<Agent, 'role'>): boolean {
  return me.role === 'supervisor' || me.role === 'admin'
}

export function isMine(conversation: Conversation, me: Agent | null): boolean {
  return conversation.owner === 'agent' && me !== null && conversation.assignee_id === me.id
}
