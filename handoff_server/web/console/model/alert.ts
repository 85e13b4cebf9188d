/** What of the news concerns an agent so much that it may ring: never what is somebody else's. */
import { wrapsUp } from './inbox'
import { isMine, moves } from './permission'
import type { Agent, Conversation, Message, Policy } from './protocol'
import type { SoundEvent } from '../preferences'
import type { State } from './state'

export interface Alert {
  event: SoundEvent
  conversation: Conversation
  /** What was written, if it was that. */
  message?: Message
}

const HANDS = /^(handoff\.(assigned|transferred)|conversation\.taken_over)$/

/** At most one of each conversation. What a console starts with, and what it asks for itself, is no news. */
export function alerts(before: State, now: State, me: Agent, policy: Policy): Alert[] {
  if (!before.seq || now.seq === before.seq) return []
  return Object.values(now.conversations).flatMap((conversation) => {
    if (conversation === before.conversations[conversation.id]) return []
    return alert(conversation, before, now, me, policy) ?? []
  })
}

function alert(
  conversation: Conversation,
  before: State,
  now: State,
  me: Agent,
  policy: Policy,
): Alert | undefined {
  const was = before.conversations[conversation.id]
  const known = was?.last_message?.id ?? newest(before)
  const written = (now.messages[conversation.id] ?? []).filter((one) => one.id > known)
  const mention = written.findLast((one) => one.author_id !== me.id && one.mentions.includes(me.id))
  if (mention) return { event: 'mention', conversation, message: mention }
  if (isMine(conversation, me)) {
    if (!was || !isMine(was, me))
      return isOwnDoing(conversation, before, now, me) ? undefined : { event: 'assigned', conversation }
    const message = written.findLast((one) => one.author === 'customer')
    return message && { event: 'message', conversation, message }
  }
  if (isOffered(conversation, me))
    return was && isOffered(was, me) ? undefined : { event: 'assigned', conversation }
  const isNew = was?.owner !== 'queue' && couldTake(conversation, me, policy)
  return isNew ? { event: 'queued', conversation } : undefined
}

/** Ids grow through all conversations: what came with one that was not known before may be old. */
function newest({ conversations }: State): number {
  return Math.max(0, ...Object.values(conversations).map((one) => one.last_message?.id ?? 0))
}

function isOffered({ owner, handoff }: Conversation, me: Agent): boolean {
  return owner === 'queue' && handoff?.offered_to === me.id
}

function isOwnDoing({ id }: Conversation, before: State, now: State, me: Agent): boolean {
  const last = now.events[id]?.findLast((one) => one.seq > before.seq && HANDS.test(one.name))
  return last?.actor.id === me.id
}

/** Does it wait for somebody like this agent, who has room for it? What a team offers one by one waits for its turn. */
export function couldTake(conversation: Conversation, me: Agent, policy: Policy): boolean {
  const { owner, handoff } = conversation
  if (owner !== 'queue' || !handoff || !moves(conversation, me).includes('claim')) return false
  const team = policy.teams.find((one) => one.id === handoff.team)
  const among = (own: string[], wanted: string | null) => !wanted || !own.length || own.includes(wanted)
  return (
    me.presence === 'online' &&
    me.load < me.capacity &&
    team?.mode !== 'push' &&
    among(me.teams, handoff.team) &&
    among(me.languages, handoff.language) &&
    (!handoff.skill || me.skills.includes(handoff.skill))
  )
}

/** How many conversations want this agent now: offered, to be taken, or with something unread. */
export function pressing(queue: Conversation[], mine: Conversation[], me: Agent, policy: Policy): number {
  const wanted = queue.filter((one) => isOffered(one, me) || couldTake(one, me, policy))
  return wanted.length + mine.filter((one) => one.unread > 0 && !wrapsUp(one.handoff, me.id)).length
}
