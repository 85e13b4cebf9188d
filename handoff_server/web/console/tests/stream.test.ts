import { describe, expect, test } from 'vitest'
import type { Change, Conversation, Message, TimelineEvent } from '../model/protocol'
import {
  apply,
  applyHistory,
  applyPage,
  historyOf,
  needsHistory,
  nothing,
  type History,
  type State,
} from '../model/state'
import { Stream } from '../model/stream'
import { change, conversation, event, message, snapshot } from './change'

/** A server in small: it keeps a log, and tells it as live frames, as a catch-up or as a snapshot. */
class Server {
  private readonly frames: Change[] = []
  private readonly conversations = new Map<string, Conversation>()
  private readonly messages = new Map<number, Message>()
  private readonly events: TimelineEvent[] = []

  constructor(private readonly random: () => number) {}

  get seq(): number {
    return this.frames.length
  }

  /** One random change: a new message, a delivery that moves on, or a new owner. */
  act(): Change {
    const seq = this.seq + 1
    const id = `c${this.pick(4)}`
    const touched = conversation(id, { epoch: seq, owner: this.pick(2) ? 'queue' : 'bot', updated_at: seq })
    const known = [...this.messages.values()]
    const chosen = known.length && this.pick(3) === 0 ? known[this.pick(known.length)]! : undefined
    const told = chosen ? { ...chosen, delivery: 'read' as const } : message(seq, { conversation_id: id })
    const happened = event(seq, 'handoff.assigned', { conversation_id: id, after_message_id: told.id })
    this.conversations.set(id, touched)
    this.messages.set(told.id, told)
    this.events.push(happened)
    const frame = change(seq - 1, seq, { conversations: [touched], messages: [told], events: [happened] })
    this.frames.push(frame)
    return frame
  }

  since(seq: number): Change {
    if (seq === 0 || this.seq - seq > 20) return this.snapshot()
    const frames = this.frames.slice(seq)
    return change(seq, this.seq, {
      conversations: frames.flatMap((frame) => frame.conversations),
      messages: frames.flatMap((frame) => frame.messages),
      events: frames.flatMap((frame) => frame.events),
    })
  }

  snapshot(): Change {
    return snapshot(this.seq, {
      conversations: [...this.conversations.values()],
      messages: [...this.messages.values()],
      events: [...this.events],
    })
  }

  pick(below: number): number {
    return Math.floor(this.random() * below)
  }
}

/** Small and repeatable: the seed of a failing case is in the test's name. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296
    return state / 4294967296
  }
}

async function fresh(server: Server): Promise<State> {
  const stream = new Stream(
    async () => server.snapshot(),
    () => undefined,
  )
  await stream.start()
  return stream.state
}

describe('whatever frames are lost, doubled or late, the state ends equal to a fresh snapshot', () => {
  test.each(Array.from({ length: 60 }, (_, seed) => seed))('seed %i', async (seed) => {
    const server = new Server(randomFrom(seed + 1))
    for (let i = 0; i < server.pick(5); i++) server.act()
    const stream = new Stream(
      async (seq) => {
        const answer = server.since(seq)
        // What happens while the answer is on its way reaches the stream before the answer does.
        if (server.pick(3) === 0) void stream.receive(server.act())
        return answer
      },
      () => undefined,
    )
    await stream.start()
    for (let i = 0; i < 80; i++) {
      const frame = server.act()
      const fate = server.pick(6)
      if (fate !== 0) await stream.receive(frame)
      if (fate === 1) await stream.receive(frame)
      if (fate === 2 && server.pick(4) === 0) await stream.start()
    }
    await stream.receive(server.act())
    expect(stream.state).toEqual(await fresh(server))
  })
})

test('a frame that follows on is applied without asking the server', async () => {
  let asked = 0
  const stream = new Stream(
    async () => {
      asked += 1
      return snapshot(5)
    },
    () => undefined,
  )
  await stream.start()
  await stream.receive(change(5, 6, { messages: [message(9)] }))
  expect(stream.state.messages.c1?.map((one) => one.id)).toEqual([9])
  expect(asked).toBe(1)
})

test('a gap is closed by asking for what came since', async () => {
  const asked: number[] = []
  const stream = new Stream(
    async (seq) => {
      asked.push(seq)
      return seq ? change(5, 8, { messages: [message(7), message(8)] }) : snapshot(5)
    },
    () => undefined,
  )
  await stream.start()
  await stream.receive(change(7, 8, { messages: [message(8)] }))
  expect(asked).toEqual([0, 5])
  expect(stream.state.seq).toBe(8)
  expect(stream.state.messages.c1?.map((one) => one.id)).toEqual([7, 8])
})

test('two catch-ups asked for at once are one, and the frame that comes meanwhile is not lost', async () => {
  let answer: (frame: Change) => void = () => undefined
  let asked = 0
  const stream = new Stream(
    () => {
      asked += 1
      return new Promise((resolve) => (answer = resolve))
    },
    () => undefined,
  )
  const both = [stream.start(), stream.start()]
  void stream.receive(change(5, 6, { messages: [message(9)] }))
  answer(snapshot(5))
  await Promise.all(both)
  expect(asked).toBe(1)
  expect(stream.state.seq).toBe(6)
  expect(stream.state.messages.c1?.map((one) => one.id)).toEqual([9])
})

test('more frames than can be kept are fetched instead, to the very last', async () => {
  const last = 1500
  const asked: number[] = []
  const stream = new Stream(
    async (seq) => {
      asked.push(seq)
      if (seq) return change(seq, last)
      for (let one = 0; one < last; one++) void stream.receive(change(one, one + 1))
      return snapshot(1)
    },
    () => undefined,
  )
  await stream.start()
  expect(asked).toEqual([0, 1])
  expect(stream.state.seq).toBe(last)
})

test('a failed catch-up can be asked for again', async () => {
  const answers = [Promise.reject<Change>(new Error('unreachable')), Promise.resolve(snapshot(3))]
  const stream = new Stream(
    () => answers.shift()!,
    () => undefined,
  )
  await expect(stream.start()).rejects.toThrow('unreachable')
  await stream.start()
  expect(stream.state.seq).toBe(3)
})

test('a server whose answers never close the gap is asked five times, not for ever', async () => {
  let asked = 0
  const stream = new Stream(
    async () => {
      asked += 1
      void stream.receive(change(90, 91))
      return snapshot(5)
    },
    () => undefined,
  )
  await expect(stream.start()).rejects.toThrow('left a gap after seq 5')
  expect(asked).toBe(5)
})

test('a reset forgets what the server no longer tells', async () => {
  const answers = [
    snapshot(5, { conversations: [conversation('old')] }),
    snapshot(9, { conversations: [conversation('new')] }),
  ]
  const stream = new Stream(
    async () => answers.shift()!,
    () => undefined,
  )
  await stream.start()
  await stream.start()
  expect(Object.keys(stream.state.conversations)).toEqual(['new'])
})

test('earlier messages go in front and move no seq', () => {
  const state: State = { ...nothing, seq: 7, messages: { c1: [message(5)] } }
  const next = applyPage(state, change(0, 3, { messages: [message(2), message(3)] }), 0, 'k1')
  expect(next.seq).toBe(7)
  expect(next.messages.c1?.map((one) => one.id)).toEqual([2, 3, 5])
  expect(next.since).toEqual({ k1: 0 })
})

test('a conversation whose newest message is not loaded needs its history', () => {
  const last_message = { id: 9, author: 'customer' as const, author_name: null, text: '', created_at: 0 }
  const open = conversation('c1', { last_message })
  const loaded = (ids: number[]): State => ({
    ...nothing,
    messages: { c1: ids.map((id) => message(id)) },
    since: { [open.customer.id]: 0 },
  })
  expect(needsHistory(loaded([3]), open)).toBe(true)
  expect(needsHistory(loaded([3, 9]), open)).toBe(false)
})

test('an answer about the past takes nothing back that a frame has told since', () => {
  const held = apply(
    nothing,
    change(0, 6, {
      conversations: [conversation('c1', { owner: 'agent', epoch: 3 })],
      messages: [message(2, { delivery: 'delivered' })],
    }),
  )
  const late = change(0, 0, {
    conversations: [conversation('c1', { owner: 'queue', epoch: 2 })],
    messages: [message(1), message(2, { delivery: 'sent' })],
  })
  const next = applyHistory(held, late)
  expect(next.conversations['c1']).toMatchObject({ owner: 'agent', epoch: 3 })
  expect(next.messages['c1']?.map((one) => [one.id, one.delivery])).toEqual([
    [1, 'sent'],
    [2, 'delivered'],
  ])
})

describe('one customer on two channels', () => {
  const customer = { id: 'k1', name: 'Elena' }
  const web = conversation('web', { customer })
  const phone = conversation('phone', { customer, channel: 'whatsapp' })
  const on = (id: number, one: Conversation) => message(id, { conversation_id: one.id })
  const started = apply(
    nothing,
    change(0, 1, { conversations: [web, phone], messages: [on(2, web), on(9, phone)] }),
  )

  test('is one history as far back as nothing of it is missing', () => {
    expect(ids(historyOf(started, web))).toEqual([2])
    const later = applyPage(started, change(0, 0, { messages: [on(7, phone), on(8, web)] }), 7, 'k1')
    expect(ids(historyOf(later, web))).toEqual([2, 7, 8, 9])
    expect(ids(historyOf(later, phone))).toEqual([7, 8, 9])
    const all = applyPage(later, change(0, 0, { messages: [on(1, phone), on(2, web)] }), 0, 'k1')
    expect(ids(historyOf(all, web))).toEqual([1, 2, 7, 8, 9])
  })

  test('goes on with what is said on either', () => {
    const loaded = applyPage(started, change(0, 0), 0, 'k1')
    const next = apply(loaded, change(1, 2, { conversations: [phone], messages: [on(10, phone)] }))
    expect(needsHistory(next, web)).toBe(false)
    expect(ids(historyOf(next, web))).toEqual([2, 9, 10])
  })

  test('who turns out to be somebody known is asked for anew', () => {
    const stranger = conversation('chat', { customer: { id: 'k2', name: null } })
    const loaded = applyPage(started, change(0, 0), 0, 'k1')
    const met = apply(loaded, change(1, 2, { conversations: [stranger] }))
    expect(needsHistory(met, web)).toBe(false)
    const known = apply(met, change(2, 3, { conversations: [{ ...stranger, customer }] }))
    expect(needsHistory(known, web)).toBe(true)
  })

  const ids = (history: History) => history.messages.map((one) => one.id)
})
