import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Answer } from '../model/protocol'
import { change, conversation, event, handoff, message } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()

const mine = conversation('c1', {
  owner: 'agent',
  assignee_id: 'a1',
  epoch: 4,
  handoff: handoff({ status: 'assigned', assignee_id: 'a1' }),
})
const waiting = conversation('c2', { epoch: 2, handoff: handoff({ id: 'h2' }) })
const solved = { disposition: 'solved' }
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms)
let place: Place

const owner = (id: string) => place.desk.state.value.conversations[id]?.owner
const refuse = (code: string) => () => ({ ok: false, error: { code, message: '' } }) as Answer
const frame = (some: object) => place.wire.listener.changed(change(5, 6, some))

beforeEach(async () => {
  place = new Place()
  await place.opens({ conversations: [mine, waiting], messages: [message(1)] })
  // What it was told is drawn by then.
  await new Promise((done) => requestAnimationFrame(done))
  vi.useFakeTimers()
})
afterEach(() => {
  place.desk.close()
  vi.useRealTimers()
})

describe('a move', () => {
  test.each([
    ['claim', waiting, {}, 'agent'],
    ['release', mine, {}, 'queue'],
    ['return', mine, { note: 'x' }, 'bot'],
    ['transfer', mine, { team: 'payments', note: 'x' }, 'queue'],
  ] as const)(
    'is shown before the server has answered (%s), and taken back when it refuses',
    async (...given) => {
      const [what, one, details, becomes] = given
      let answer: (value: Answer) => void = () => undefined
      place.wire.answers[what] = () => new Promise((done) => (answer = done)) as never
      const moved = place.desk.move(one, what, details)
      expect(owner(one.id)).toBe(becomes)
      answer(refuse('stale_epoch')())
      expect(await moved).toBe(false)
      expect(owner(one.id)).toBe(one.owner)
      expect(place.desk.notice.value).toEqual({ code: 'stale_epoch', message: '', about: 'Elena Prieto' })
    },
  )

  test('is overruled by a frame, whatever is expected', async () => {
    place.wire.answers.claim = () => new Promise(() => undefined) as never
    void place.desk.move(waiting, 'claim')
    frame({ conversations: [{ ...waiting, owner: 'agent', assignee_id: 'a2', epoch: 3 }] })
    await after(40)
    expect(place.desk.state.value.conversations.c2?.assignee_id).toBe('a2')
  })

  test('lets other news of the conversation through', async () => {
    place.wire.answers.claim = () => new Promise(() => undefined) as never
    void place.desk.move(waiting, 'claim')
    frame({ conversations: [{ ...waiting, unread: 7 }] })
    await after(40)
    expect(place.desk.state.value.conversations.c2).toMatchObject({ unread: 7, owner: 'agent' })
  })

  test('holds back what is said at once until it is made, and then says it under its epoch', async () => {
    let answer: (value: Answer) => void = () => undefined
    place.wire.answers.claim = () => new Promise((done) => (answer = done)) as never
    place.wire.answers.reply = () => ({ ok: true, message: message(8, { conversation_id: 'c2' }) }) as Answer
    void place.desk.move(waiting, 'claim')
    place.desk.say(place.desk.state.value.conversations.c2!, 'hola', false)
    await after(50)
    expect(place.asked('reply')).toEqual([])
    answer({ ok: true })
    await after(50)
    expect(place.asked('reply')).toMatchObject([{ text: 'hola', epoch: 3 }])
  })
})

describe('a resolve', () => {
  test('is shown at once and asked for after five seconds', async () => {
    place.desk.undo.resolve(mine, solved)
    expect(owner('c1')).toBe('bot')
    await after(4_900)
    expect(place.asked('resolve')).toEqual([])
    await after(200)
    expect(place.asked('resolve')).toEqual([{ conversation_id: 'c1', epoch: 4, disposition: 'solved' }])
    expect(place.desk.undo.held.value).toBeNull()
  })

  test('can be undone, and then never happens', async () => {
    place.desk.undo.resolve(mine, solved)
    await after(3_000)
    expect(place.desk.undo.undo()?.id).toBe('c1')
    expect(owner('c1')).toBe('agent')
    await after(10_000)
    expect(place.asked('resolve')).toEqual([])
  })

  test('does not close over words of the customer', async () => {
    place.desk.undo.resolve(mine, solved)
    frame({ messages: [message(9)], events: [event(6, 'message.received')] })
    await after(10_000)
    expect(place.asked('resolve')).toEqual([])
    expect(owner('c1')).toBe('agent')
    expect(place.desk.notice.value?.code).toBe('wrote_meanwhile')
  })

  test('of the next conversation carries out the last', async () => {
    place.desk.undo.resolve(mine, solved)
    place.desk.undo.resolve({ ...waiting, owner: 'agent', assignee_id: 'a1' }, solved)
    await after(40)
    expect(place.asked('resolve')).toMatchObject([{ conversation_id: 'c1' }])
    expect(place.desk.undo.held.value?.conversation.id).toBe('c2')
  })

  test('waits for the connection, and can still be undone', async () => {
    place.desk.undo.resolve(mine, solved)
    place.wire.lose()
    await after(20_000)
    expect(place.desk.undo.held.value?.conversation.id).toBe('c1')
    place.wire.answers.sync = place.wire.answers.snapshot!
    place.wire.comeBack()
    await after(100)
    expect(place.asked('resolve')).toHaveLength(1)
  })

  test('outlives its page, and is carried out by the next one', async () => {
    place.desk.undo.resolve(mine, solved)
    place.wire.up = false
    window.dispatchEvent(new Event('pagehide'))
    const kept = { ...localStorage }
    const next = new Place()
    const opened = next.opens({ conversations: [mine], messages: [message(1)] })
    Object.entries(kept).forEach(([key, value]) => localStorage.setItem(key, value as string))
    await after(10)
    await opened
    await after(6_000)
    expect(next.asked('resolve')).toEqual([{ conversation_id: 'c1', epoch: 4, disposition: 'solved' }])
    expect(localStorage.getItem('relevo.resolve.a1')).toBeNull()
    next.desk.close()
  })

  test('that was left behind does not close what the customer has written in since', async () => {
    place.desk.undo.resolve(mine, solved)
    place.wire.up = false
    const kept = localStorage.getItem('relevo.resolve.a1')!
    const next = new Place()
    const opened = next.opens({ conversations: [mine], messages: [message(1), message(2)] })
    localStorage.setItem('relevo.resolve.a1', kept)
    await after(10)
    await opened
    await after(6_000)
    expect(next.asked('resolve')).toEqual([])
    next.desk.close()
  })
})
