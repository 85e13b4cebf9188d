/** What a console does not start with: older messages, and the conversations of other lists and addresses. */
import type { Change, Conversation, Message, Refused } from './model/protocol'
import { applyHistory, applyPage, needsHistory } from './model/state'
import type { Line } from './line'

const MOST = 100

interface Page {
  change: Change
  since: number
  conversation: Conversation
}

interface Around {
  line: Pick<Line, 'call' | 'online' | 'stream'>
  /** What is being asked for just now. */
  loading: Set<string>
  refused(error: Refused): void
}

export function createHistory({ line, loading, refused }: Around) {
  const { call, online, stream } = line

  function ask(conversation_id: string, before: number | null) {
    const data = { conversation_id, before, limit: MOST }
    return call<Page>('history', data)
  }

  function put(some: Partial<Change>): void {
    stream.put(applyHistory(stream.state, { ...none, ...some }))
  }

  function turn({ change, since, conversation }: Page): void {
    stream.put(applyPage(stream.state, change, since, conversation.customer.id))
  }

  /** The newest of what there was with a customer, unless that is held, or what was before that which is held. */
  async function loadHistory(conversation: Conversation, earlier: boolean): Promise<void> {
    const { id, customer } = conversation
    if (!earlier && !needsHistory(stream.state, conversation)) return
    if (!online.value || loading.has(`history ${id}`)) return
    loading.add(`history ${id}`)
    const resets = stream.resets
    const answer = await ask(id, earlier ? (stream.state.since[customer.id] ?? null) : null)
    loading.delete(`history ${id}`)
    // Older than a snapshot that came meanwhile, it could bring back what that no longer tells.
    if (resets !== stream.resets) return loadHistory(conversation, earlier)
    if (answer.ok) turn(answer)
    else if (earlier) refused(answer.error)
  }

  /** The conversation of an address: one that has not been told yet is asked for. */
  async function find(conversationId: string): Promise<void> {
    const answer = await ask(conversationId, null)
    if (answer.ok) turn(answer)
  }

  return {
    loadHistory,
    find,
    /** Conversations that a console does not start with: of those that are held, what is held is newer. */
    keep: (conversations: Conversation[]) => put({ conversations }),
    /** A message that the server has in its log, ahead of its frame. */
    add: (message: Message) => put({ messages: [message] }),
  }
}

const none: Change = {
  after: 0,
  seq: 0,
  server_time: 0,
  conversations: [],
  messages: [],
  events: [],
  agents: [],
}
