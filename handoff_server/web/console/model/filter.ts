/** What a list is narrowed down to, as the server's `list` and `search` take it. */
import type { Conversation, Owner } from './protocol'

export const STATUSES = ['open', 'closed', 'snoozed'] as const

export interface Filters {
  owner?: Owner
  channel?: string
  language?: string
  team?: string
  tag?: string
  assignee_id?: string
  reason?: string
  status?: (typeof STATUSES)[number]
  unread?: true
}

const has: { [Name in keyof Filters]-?: (conversation: Conversation, value: Filters[Name]) => boolean } = {
  owner: (conversation, value) => conversation.owner === value,
  channel: (conversation, value) => conversation.channel === value,
  language: (conversation, value) => conversation.language === value,
  team: ({ handoff }, value) => handoff?.team === value,
  tag: ({ tags }, value) => tags.includes(value ?? ''),
  assignee_id: (conversation, value) => conversation.assignee_id === value,
  reason: ({ handoff }, value) => handoff?.reason === value,
  status: (conversation, value) => isOf(conversation, value),
  unread: ({ unread }) => unread > 0,
}

/** Does it pass all of them? */
export function fits(conversation: Conversation, filters: Filters): boolean {
  return Object.entries(filters).every(([name, value]) =>
    (has[name as keyof Filters] as (conversation: Conversation, value: unknown) => boolean)(
      conversation,
      value,
    ),
  )
}

/** Who sleeps is open all the same. */
function isOf({ snoozed_until, case_id }: Conversation, status: Filters['status']): boolean {
  return status === 'snoozed' ? snoozed_until !== null : (case_id !== null) === (status === 'open')
}
