/** Frames for tests: whole objects of the protocol from the few fields that matter. */
import type { Agent, Change, Conversation, Message, TimelineEvent } from '../model/protocol'

export const marta: Agent = {
  id: 'a1',
  name: 'Marta Rivas',
  email: 'marta@demo.example',
  role: 'agent',
  presence: 'online',
  open: 0,
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
    handoff: null,
    last_message: null,
    unread: 0,
    created_at: 0,
    updated_at: 0,
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
    created_at: id * 1000,
    ...some,
  }
}

export function event(seq: number, name: string, some: Partial<TimelineEvent> = {}): TimelineEvent {
  return {
    seq,
    name,
    conversation_id: 'c1',
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

export function snapshot(seq: number, some: Partial<Change> = {}): Change {
  return { ...change(0, seq, some), reset: true }
}
