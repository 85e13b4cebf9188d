/** The console's wire, as docs/protocol.md §3 has it. Times are milliseconds since 1970-01-01 UTC. */

export type Owner = 'bot' | 'queue' | 'agent'
export type Author = 'customer' | 'bot' | 'agent' | 'system'
export type Delivery = 'pending' | 'sent' | 'delivered' | 'read' | 'failed' | 'suppressed'
export type Presence = 'online' | 'away' | 'offline'
export type Priority = 'urgent' | 'high' | 'normal' | 'low'
export type Promised = 'first_reply' | 'next_reply' | 'resolution'
/** Whether a person was needed: at that moment, later, sooner, or not at all. */
export type Verdict = 'right' | 'early' | 'late' | 'needless'
/** Language → words, as supervisors wrote them. */
export type Name = Record<string, string>

export interface Evidence {
  rule: string
  rule_version: string
  values: Record<string, unknown>
  message_id: number | null
  text: string | null
}

/** What the customer was promised next. */
export interface Due {
  promise: Promised
  at: number
  state: 'running' | 'warned' | 'broken'
}

export interface Handoff {
  id: string
  status: 'queued' | 'assigned' | 'resolved' | 'returned' | 'cancelled' | 'expired'
  reason: string
  evidence: Evidence
  summary: Record<string, string>
  /** Who rewrote it last. */
  summary_by: string | null
  collected: Record<string, unknown>
  requested_at: number
  assigned_at: number | null
  ended_at: number | null
  assignee_id: string | null
  disposition: string | null
  note: string | null
  priority: Priority
  team: string
  skill: string | null
  language: string
  /** The customer was promised a call. */
  callback: boolean
  queued_at: number | null
  offered_to: string | null
  offered_until: number | null
  first_reply_at: number | null
  waiting_since: number | null
  due: Due | null
  wrapped_at: number | null
  wrap_up_until: number | null
  verdict: Verdict | null
  asked_again: boolean | null
}

export interface Case {
  id: string
  /** What the customer can quote. */
  key: string
  topic: string | null
  opened_at: number
  /** How often. */
  reopened: number
}

export interface LastMessage {
  id: number
  author: Author
  author_name: string | null
  text: string
  created_at: number
}

/** How long a platform lets us answer (null: nobody has written), what is possible then, and until when that is. */
export interface Window {
  until: number | null
  then: 'template' | 'human_agent' | 'closed'
  last: number | null
}

export interface Conversation {
  id: string
  customer: { id: string; name: string | null }
  channel: string
  account: string
  language: string
  owner: Owner
  epoch: number
  assignee_id: string | null
  case_id: string | null
  case: Case | null
  snoozed_until: number | null
  blocked_at: number | null
  /** The customer's last message: reply windows of platforms run from it. */
  heard_at: number | null
  window: Window | null
  tags: string[]
  handoff: Handoff | null
  last_message: LastMessage | null
  unread: number
  created_at: number
  updated_at: number
}

export interface Intent {
  name: string
  confidence: number
}

/** A file of the customer's or of an agent's, or what a phone sends in its place. */
export type Attachment = Stored | Place | Contact

export interface Stored {
  id: string
  kind: 'image' | 'voice' | 'audio' | 'video' | 'document' | 'sticker'
  name: string
  mime: string
  size: number
  state: 'fetching' | 'stored' | 'refused' | 'failed'
}

export interface Place {
  kind: 'location'
  name: string | null
  latitude: number
  longitude: number
}

export interface Contact {
  kind: 'contact'
  name: string
  phones: string[]
}

/** What a person says was meant. */
export interface Label {
  intent: string
  agent_id: string
  agent_name: string
  at: number
}

export interface Message {
  id: number
  conversation_id: string
  direction: 'incoming' | 'outgoing'
  author: Author
  author_id: string | null
  author_name: string | null
  text: string
  buttons: { title: string }[]
  private: boolean
  delivery: Delivery
  delivery_error: string | null
  intent: Intent | null
  intent_ranking: Intent[]
  entities: { entity: string; value: unknown }[]
  sentiment: { label: string; score: number | null } | null
  response: string | null
  stretch: number | null
  client_message_id: string | null
  label: Label | null
  attachments: Attachment[]
  /** Agents that a note calls. */
  mentions: string[]
  /** The message that this one quotes. */
  reply_to: number | null
  /** By the customer, on the platform. */
  edited_at: number | null
  deleted_at: number | null
  /** The customer's emoji on it. */
  reaction: string | null
  created_at: number
}

export interface TimelineEvent {
  seq: number
  name: string
  conversation_id: string | null
  /** The handover that it is about. */
  handoff_id: string | null
  after_message_id: number
  actor: { kind: Author; id: string | null; name: string | null }
  data: Record<string, unknown>
  at: number
}

export interface Agent {
  id: string
  name: string
  email: string
  role: 'agent' | 'supervisor' | 'designer' | 'admin'
  presence: Presence
  /** When it became so; null: has never been here. */
  since: number | null
  open: number
  /** None: the default team. */
  teams: string[]
  skills: string[]
  /** None: all of them. */
  languages: string[]
  capacity: number
  /** Of the capacity: conversations that are not snoozed, and wrap-ups. */
  load: number
  hard_today: number
  /** Works here no longer; the story still needs the name. */
  removed: boolean
}

/** What supervisors have decided in teams.yml, as far as consoles need it. */
export interface Policy {
  version: string
  teams: { id: string; name: Name; mode: 'pull' | 'push'; open: boolean; wrap_up_ms: number }[]
  dispositions: { id: string; name: Name; settled: boolean }[]
  skills: string[]
}

export interface Change {
  after: number
  seq: number
  server_time: number
  reset?: boolean
  conversations: Conversation[]
  messages: Message[]
  events: TimelineEvent[]
  agents: Agent[]
}

export interface Typing {
  conversation_id: string
  author: Author
  agent_id?: string
  name?: string | null
}

/** `down`: turns go straight to people. */
export type AssistantState = 'up' | 'down'

export interface Refused {
  code: string
  message: string
  by?: string | null
  retry_after?: number
}

/** What an acknowledgement says: `ok` with the answer's own fields, or a refusal. */
export type Answer<Fields = object> = ({ ok: true } & Fields) | { ok: false; error: Refused }

/** What a customer came for before, on whatever channel. */
export interface PreviousCase {
  id: string
  key: string | null
  topic: string | null
  opened_at: number
  closed_at: number | null
  outcome: string | null
  conversation_id: string
  channel: string
  handoffs: {
    reason: string
    disposition: string | null
    agent_name: string | null
    ended_at: number | null
  }[]
  csat: number | null
}

export interface Previous {
  cases: PreviousCase[]
  conversations: { id: string; channel: string; last_at: number }[]
}
