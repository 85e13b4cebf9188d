/** Frames for tests: whole objects of the protocol from the few fields that matter. */
import type { Agent, Answer, Change, Conversation, Handoff, Message, TimelineEvent } from '../model/protocol'

export const marta: Agent = {
  id: 'a1',
  name: 'Marta Rivas',
  email: 'marta@demo.example',
  role: 'agent',
  presence: 'online',
  since: null,
  open: 0,
  teams: [],
  skills: [],
  languages: [],
  capacity: 4,
  load: 0,
  hard_today: 0,
  removed: false,
}

export function conversation(id: string, some: Partial<Conversation> = {}): Conversation {
  return {
    id,
    customer: { id: `p-${id}`, name: 'Elena Prieto' },
    channel: 'web',
    account: 'demo',
    language: 'es',
    owner: 'queue',
    epoch: 1,
    assignee_id: null,
    case_id: null,
    case: null,
    snoozed_until: null,
    blocked_at: null,
    heard_at: null,
    window: null,
    tags: [],
    handoff: null,
    last_message: null,
    unread: 0,
    created_at: 0,
    updated_at: 0,
    ...some,
  }
}

export function handoff(some: Partial<Handoff> = {}): Handoff {
  return {
    id: 'h1',
    status: 'queued',
    reason: 'customer_request',
    evidence: { rule: 'explicit_request', rule_version: '1', values: {}, message_id: null, text: null },
    summary: {},
    summary_by: null,
    collected: {},
    requested_at: 0,
    assigned_at: null,
    ended_at: null,
    assignee_id: null,
    disposition: null,
    note: null,
    priority: 'normal',
    team: 'care',
    skill: null,
    language: 'es',
    callback: false,
    queued_at: 0,
    offered_to: null,
    offered_until: null,
    first_reply_at: null,
    waiting_since: null,
    due: null,
    wrapped_at: null,
    wrap_up_until: null,
    verdict: null,
    asked_again: null,
    ...some,
  }
}

export function message(id: number, some: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: 'c1',
    direction: 'incoming',
    author: 'customer',
    author_id: null,
    author_name: null,
    text: `message ${id}`,
    buttons: [],
    private: false,
    delivery: 'sent',
    delivery_error: null,
    intent: null,
    intent_ranking: [],
    entities: [],
    sentiment: null,
    response: null,
    stretch: null,
    client_message_id: null,
    label: null,
    attachments: [],
    mentions: [],
    reply_to: null,
    edited_at: null,
    deleted_at: null,
    reaction: null,
    created_at: id * 1000,
    ...some,
  }
}

export function event(seq: number, name: string, some: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    seq,
    name,
    conversation_id: 'c1',
    handoff_id: null,
    after_message_id: 0,
    actor: { kind: 'agent', id: 'a1', name: 'Marta Rivas' },
    data: {},
    at: seq * 1000,
    ...some,
  }
}

export function change(after: number, seq: number, some: Partial<Change> = {}): Change {
  return { after, seq, server_time: 0, conversations: [], messages: [], events: [], agents: [], ...some }
}

/** What `history` answers: everything that there is. */
export function page(conversation: Conversation, some: Partial<Change> = {}): Answer {
  return { ok: true, change: change(0, 0, some), since: 0, conversation } as Answer
}

export function snapshot(seq: number, some: Partial<Change> = {}): Change {
  return { ...change(0, seq, some), reset: true }
}
