/** What a move will make of a conversation, shown from the moment it is asked for until the server has its say. */
import type { Move } from './permission'
import type { Conversation, Handoff } from './protocol'
import { UNTIL_WRITTEN } from './snooze'
import type { State } from './state'

/** What a move tells besides the conversation and its epoch, as docs/protocol.md §3 has it. */
export type Details = Record<string, unknown>

export interface Expected {
  /** Is the server not yet past the moment of the move? A frame that is past it needs no guess. */
  stands(now: Conversation): boolean
  /** Over whatever else frames have told meanwhile. */
  over(now: Conversation): Conversation
}

/** By conversation. */
export type Expectations = ReadonlyMap<string, Expected>

/** The outcome of a move by the agent `me`; null where there is nothing to show before it is made. */
export function expect(seen: Conversation, what: Move, me: string, details: Details): Expected | null {
  const change = outcome(what, me, details)
  if (!change) return null
  const over = (now: Conversation) => change({ ...now, epoch: seen.epoch })
  if (what === 'snooze' || what === 'wake') {
    return { over, stands: (now) => now.epoch <= seen.epoch && now.snoozed_until === seen.snoozed_until }
  }
  if (what === 'decline') {
    const offered = seen.handoff?.offered_to
    return { over, stands: (now) => now.epoch <= seen.epoch && now.handoff?.offered_to === offered }
  }
  return { over, stands: (now) => now.epoch <= seen.epoch }
}

/** The state with what is expected of it. */
export function withExpected(state: State, expected: Expectations): State {
  const shown = [...expected].flatMap(([id, one]) => {
    const now = state.conversations[id]
    return now && one.stands(now) ? [[id, one.over(now)]] : []
  })
  if (!shown.length) return state
  return { ...state, conversations: { ...state.conversations, ...Object.fromEntries(shown) } }
}

function outcome(what: Move, me: string, details: Details): ((now: Conversation) => Conversation) | null {
  switch (what) {
    case 'claim':
    case 'take_over':
      return (now) => owned(now, 'agent', me, { status: 'assigned', assignee_id: me })
    case 'release':
      return (now) => owned(now, 'queue', null, { status: 'queued', assignee_id: null })
    case 'transfer':
      return details.agent_id
        ? (now) => owned(now, 'agent', String(details.agent_id), { assignee_id: String(details.agent_id) })
        : (now) =>
            owned(now, 'queue', null, { status: 'queued', assignee_id: null, team: String(details.team) })
    case 'resolve':
      return (now) => owned(now, 'bot', null, { status: 'resolved' })
    case 'return':
      return (now) => owned(now, 'bot', null, { status: 'returned' })
    case 'snooze':
      return (now) => ({ ...now, unread: 0, snoozed_until: Number(details.until ?? UNTIL_WRITTEN) })
    case 'wake':
      return (now) => ({ ...now, snoozed_until: null })
    case 'decline':
      return (now) => ({ ...now, handoff: passed(now.handoff, {}) })
    default:
      return null
  }
}

/** With the epoch that the server will count, so that what is said at once is said under it. */
function owned(
  now: Conversation,
  owner: Conversation['owner'],
  assignee_id: string | null,
  handoff: Partial<Handoff>,
): Conversation {
  const isOld = now.owner === 'bot'
  return {
    ...now,
    owner,
    assignee_id,
    epoch: now.epoch + 1,
    snoozed_until: null,
    handoff: isOld ? now.handoff : passed(now.handoff, handoff),
  }
}

function passed(handoff: Handoff | null, some: Partial<Handoff>): Handoff | null {
  return handoff && { ...handoff, offered_to: null, offered_until: null, ...some }
}
