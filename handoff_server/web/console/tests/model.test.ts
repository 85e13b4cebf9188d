import { beforeEach, describe, expect, test } from 'vitest'
import { duration } from '../model/duration'
import { customerWaits, inTab, matching } from '../model/inbox'
import { failureOf } from '../model/failure'
import { hue, initials } from '../model/initials'
import { Outbox, sendable, stillUnsent, type Unsent } from '../model/outbox'
import { moves } from '../model/permission'
import { standing } from '../model/promise'
import { timeline } from '../model/timeline'
import es from '../conversation/locales/es.json'
import { parse } from '../router'
import { conversation, event, handoff, marta, message } from './change'

beforeEach(() => localStorage.clear())

function unsent(id: string, at: number, some: Partial<Unsent> = {}): Unsent {
  return {
    client_message_id: id,
    conversation_id: 'c1',
    epoch: 1,
    text: id,
    private: false,
    created_at: at,
    attachments: [],
    mentions: [],
    canned: null,
    failed: null,
    ...some,
  }
}

describe('the inbox', () => {
  const first = conversation('first', { handoff: handoff({ requested_at: 100 }) })
  const second = conversation('second', { handoff: handoff({ requested_at: 200 }) })
  const mine = conversation('mine', { owner: 'agent', assignee_id: 'a1' })
  const hers = conversation('hers', { owner: 'agent', assignee_id: 'a2' })

  test('the queue starts with whoever has waited longest', () => {
    expect(inTab([second, mine, first], 'queue', 'a1').map((one) => one.id)).toEqual(['first', 'second'])
  })

  test('the urgent come first, then those promised a call, then the rest by priority and wait', () => {
    const waiting = (id: string, some: object) => conversation(id, { handoff: handoff(some) })
    const queue = [
      waiting('low', { priority: 'low', requested_at: 1 }),
      waiting('later', { requested_at: 9 }),
      waiting('normal', { requested_at: 2 }),
      waiting('high', { priority: 'high', requested_at: 3 }),
      waiting('callback', { priority: 'low', callback: true, requested_at: 8 }),
      waiting('urgent callback', { priority: 'urgent', callback: true, requested_at: 5 }),
      waiting('urgent', { priority: 'urgent', requested_at: 4 }),
    ]
    expect(inTab(queue, 'queue', 'a1').map((one) => one.id)).toEqual([
      'urgent',
      'urgent callback',
      'callback',
      'high',
      'normal',
      'later',
      'low',
    ])
  })

  test('what is snoozed waits apart, what is being wrapped up is still at hand', () => {
    const asleep = { ...mine, id: 'asleep', snoozed_until: 900 }
    const ended = handoff({ status: 'resolved', assignee_id: 'a1', wrap_up_until: 900 })
    const wrapping = conversation('wrapping', { owner: 'bot', handoff: ended })
    const wrapped = conversation('wrapped', { owner: 'bot', handoff: { ...ended, wrapped_at: 800 } })
    const all = [mine, asleep, wrapping, wrapped]
    expect(inTab(all, 'mine', 'a1')).toEqual([mine, wrapping])
    expect(inTab(all, 'snoozed', 'a1')).toEqual([asleep])
    expect(inTab(all, 'mine', 'a2')).toEqual([])
  })

  test('mine are those assigned to me, all are all', () => {
    expect(inTab([hers, mine, first], 'mine', 'a1')).toEqual([mine])
    expect(inTab([hers, mine, first], 'all', 'a1')).toHaveLength(3)
  })

  test('the filter minds neither case nor accents', () => {
    const lucia = conversation('l', { customer: { id: 'p', name: 'Lucía Fernández' } })
    expect(matching([lucia, first], 'LUCIA fern')).toEqual([lucia])
  })

  test('a customer waits in the queue, or for the answer of an agent, but not for the assistant', () => {
    const spoke = { id: 1, author: 'customer' as const, author_name: null, text: '', created_at: 50 }
    expect(customerWaits(first)).toBe(100)
    expect(customerWaits({ ...mine, last_message: spoke })).toBe(50)
    expect(customerWaits({ ...mine, last_message: { ...spoke, author: 'agent' } })).toBeNull()
    expect(customerWaits({ ...mine, owner: 'bot', last_message: spoke })).toBeNull()
  })
})

describe('the timeline', () => {
  test('events stand after the message they followed', () => {
    const events = [
      event(7, 'handoff.requested', { after_message_id: 1 }),
      event(8, 'handoff.assigned', { after_message_id: 1 }),
    ]
    const kinds = timeline('c1', { messages: [message(1), message(2)], events }, []).map((item) => item.key)
    expect(kinds.slice(1)).toEqual(['m1', 'e7', 'e8', 'm2'])
  })

  test('an event of a newer server is shown, bookkeeping is not', () => {
    const events = [event(1, 'handoff.blessed'), event(2, 'message.sent'), event(3, 'conversation.seen')]
    const names = timeline('c1', { messages: [], events }, []).flatMap((item) =>
      item.kind === 'event' ? [item.event.name] : [],
    )
    expect(names).toEqual(['handoff.blessed'])
  })

  test('an optimistic message keeps its key when the server has acknowledged it', () => {
    const before = timeline('c1', { messages: [], events: [] }, [unsent('x', 1)]).at(-1)
    const after = timeline('c1', { messages: [message(4, { client_message_id: 'x' })], events: [] }, [
      unsent('x', 1),
    ])
    expect(after.at(-1)?.key).toBe(before?.key)
    expect(after.filter((item) => item.kind === 'unsent')).toEqual([])
  })

  test('each day is named once', () => {
    const day = 86_400_000
    const items = timeline(
      'c1',
      { messages: [message(1), message(2), message(3, { created_at: 2 * day })], events: [] },
      [],
    )
    expect(items.filter((item) => item.kind === 'day')).toHaveLength(2)
  })
})

describe('the outbox', () => {
  test('what was written survives a reload, in order', () => {
    new Outbox(localStorage, 'a1').put(unsent('b', 2))
    new Outbox(localStorage, 'a1').put(unsent('a', 1))
    expect(new Outbox(localStorage, 'a1').all().map((one) => one.text)).toEqual(['a', 'b'])
  })

  test("another agent's outbox on the same computer is not mine", () => {
    new Outbox(localStorage, 'a2').put(unsent('hers', 1))
    expect(new Outbox(localStorage, 'a1').all()).toEqual([])
  })

  test('each conversation sends one at a time, and a refused message does not go by itself', () => {
    const waiting = [
      unsent('1', 1, { failed: 'too_large' }),
      unsent('2', 2),
      unsent('3', 3),
      unsent('4', 4, { conversation_id: 'c2' }),
    ]
    expect(sendable(waiting).map((one) => one.text)).toEqual(['2', '4'])
  })

  test('it has an end', () => {
    const outbox = new Outbox(localStorage, 'a1')
    for (let i = 0; i < 200; i++) outbox.put(unsent(`${i}`, i))
    expect(() => outbox.put(unsent('one more', 999))).toThrow(RangeError)
  })

  test('what the log shows is no longer unsent', () => {
    expect(stillUnsent([unsent('x', 1), unsent('y', 2)], [message(1, { client_message_id: 'x' })])).toEqual([
      unsent('y', 2),
    ])
  })

  test('a broken entry is dropped instead of breaking the page', () => {
    localStorage.setItem('relevo.outbox.a1.broken', '{')
    expect(new Outbox(localStorage, 'a1').all()).toEqual([])
  })
})

test('an agent claims from the queue, takes over from the assistant, and leaves the conversations of others alone', () => {
  const hers = conversation('c', { owner: 'agent', assignee_id: 'a2' })
  expect(moves(conversation('c'), marta)).toEqual(['claim'])
  expect(moves({ ...hers, owner: 'bot' }, marta)).toEqual(['take_over'])
  expect(moves(hers, marta)).toEqual([])
  expect(moves(hers, { ...marta, role: 'supervisor' })[0]).toBe('take_over')
  expect(moves({ ...hers, assignee_id: 'a1' }, marta)).toEqual([
    'resolve',
    'transfer',
    'snooze',
    'return',
    'release',
    'block',
  ])
})

test('spans read as on a clock and are never negative', () => {
  expect([48_000, 725_000, 11_229_000, -5].map(duration)).toEqual(['0:48', '12:05', '3:07:09', '0:00'])
})

test('initials are letters of any script', () => {
  expect(['Elena Prieto', 'مريم', '😀 Ana', null, '\u200b'].map(initials)).toEqual(['EP', 'م', 'A', '?', '?'])
  expect(hue('p1')).toBe(hue('p1'))
})

test('addresses are read, and mistyped ones lead to the queue', () => {
  expect(parse('/console/inbox/mine/c7')).toEqual({ page: 'inbox', tab: 'mine', conversation: 'c7' })
  expect(parse('/console/')).toEqual({ page: 'inbox', tab: 'queue', conversation: null })
  expect(parse('/console/inbox/%E0%A4%A')).toEqual({ page: 'inbox', tab: 'queue', conversation: null })
  expect(parse('/console/password', '?token=abc')).toEqual({ page: 'password', token: 'abc' })
})

test('a failure is explained by its code, else by its kind, else in general', () => {
  const isKnown = (key: string) => key.replace('failures.', '') in es.failures
  expect(failureOf('whatsapp:131047', isKnown)).toBe('whatsapp_131047')
  expect(failureOf('whatsapp:999', isKnown)).toBe('whatsapp')
  expect(failureOf('unreachable:ConnectError', isKnown)).toBe('unreachable')
  expect(failureOf('unclear', isKnown)).toBe('unclear')
  expect(failureOf('news', isKnown)).toBe('status')
  expect(failureOf(null, isKnown)).toBe('status')
})

test('a promise is broken as soon as its time is over, told or not', () => {
  const due = { promise: 'first_reply', at: 1000, state: 'warned' } as const
  expect([standing(due, 999), standing(due, 1000)]).toEqual(['warned', 'broken'])
  expect(standing({ ...due, state: 'broken' }, 0)).toBe('broken')
})
