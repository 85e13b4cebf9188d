/** What was said of a handover: whether a person was needed, at that moment. */
import { oversees } from './permission'
import type { Agent, Conversation, TimelineEvent, Verdict } from './protocol'

export interface Judged {
  verdict: Verdict
  /** Whoever said so last; null where the story does not tell. */
  by: string | null
}

const VERDICTS: Verdict[] = ['right', 'early', 'late', 'needless']

/** Of the four answers those that make sense: what a person took unasked cannot have come too early. */
export function verdicts(takenUnasked: boolean): Verdict[] {
  return takenUnasked ? ['late', 'needless'] : VERDICTS
}

/** The story tells it of all handovers, the conversation of its last one. */
export function judged(
  handoffId: string,
  conversation: Conversation,
  events: TimelineEvent[],
): Judged | null {
  const told = events.findLast((one) => one.handoff_id === handoffId && verdictIn(one))
  const current = conversation.handoff?.id === handoffId ? conversation.handoff.verdict : null
  const verdict = current ?? (told && verdictIn(told))
  return verdict ? { verdict, by: told && verdictIn(told) === verdict ? told.actor.name : null } : null
}

/** Its agent's word, or a supervisor's. The agent of an earlier handover is known from the story. */
export function mayJudge(
  handoffId: string,
  conversation: Conversation,
  events: TimelineEvent[],
  me: Agent,
): boolean {
  if (oversees(me)) return true
  if (conversation.handoff?.id === handoffId) return conversation.handoff.assignee_id === me.id
  const taken = events.findLast((one) => one.handoff_id === handoffId && TAKEN.includes(one.name))
  return taken?.actor.id === me.id
}

const TAKEN = ['handoff.assigned', 'conversation.taken_over']

function verdictIn({ data }: TimelineEvent): Verdict | undefined {
  return VERDICTS.find((one) => one === data.verdict)
}
