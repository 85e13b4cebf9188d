/** To whom a conversation can be passed on. */
import type { Agent, Conversation } from './protocol'

/** Colleagues who serve customers: those who are there first, then those with most room. */
export function receivers(agents: Agent[], conversation: Conversation): Agent[] {
  return agents
    .filter((agent) => serves(agent) && agent.id !== conversation.assignee_id)
    .sort(
      (a, b) => Number(isThere(b)) - Number(isThere(a)) || room(b) - room(a) || a.name.localeCompare(b.name),
    )
}

/** Designers do not, nor does anybody who has left. */
export function serves(agent: Agent): boolean {
  return agent.role !== 'designer' && !agent.removed
}

export function isThere(agent: Agent): boolean {
  return agent.presence === 'online'
}

/** How many conversations more the agent takes; none or less: full. */
export function room(agent: Agent): number {
  return agent.capacity - agent.load
}
