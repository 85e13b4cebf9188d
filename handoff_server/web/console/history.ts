/** What a console does not start with: older messages, and the conversations of other lists and addresses. */
import type { Change, Conversation, Message, Refused } from './model/protocol'
import { applyHistory, applyPage, needsHistory } from './model/state'
import type { Line } from './line'

const MOST = 100
const MAX_ROUNDS = 5

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
  const running = new Map<string, Promise<void>>()

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

  /**
   * The newest of what there was with a customer, unless that is held, or what was before that which is held. Who asks
   * while some of it is on its way waits for that.
   */
  async function loadHistory(conversation: Conversation, earlier: boolean): Promise<void> {
    const { id } = conversation
    const underWay = running.get(id)
    if (underWay) return underWay
    if (!online.value || (!earlier && !needsHistory(stream.state, conversation))) return
    loading.add(`history ${id}`)
    const load = fetchPage(conversation, earlier).finally(() => {
      running.delete(id)
      loading.delete(`history ${id}`)
    })
    running.set(id, load)
    return load
  }

  async function fetchPage({ id, customer }: Conversation, earlier: boolean): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const known = reach(customer.id)
      const answer = await ask(id, earlier ? (stream.state.since[customer.id] ?? null) : null)
      // Older than a snapshot, or than a customer's being recognised, it could bring back or hide what that tells.
      if (known !== reach(customer.id)) continue
      if (answer.ok) turn(answer)
      else if (earlier) refused(answer.error)
      return
    }
  }

  function reach(customerId: string): string {
    const { conversations, since } = stream.state
    const theirs = Object.values(conversations).filter((one) => one.customer.id === customerId)
    return [stream.resets, since[customerId], ...theirs.map((one) => one.id)].join(' ')
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
