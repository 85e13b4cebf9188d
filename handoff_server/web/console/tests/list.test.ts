import { cleanup, configure, fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import ConversationList from '../components/ConversationList.vue'
import Inbox from '../components/Inbox.vue'
import { filters } from '../filters'
// Fetched ahead, as the page does it.
import '../components/ConversationPane.vue'
import '../finding/FilterChips.vue'
import '../finding/FilterMenu.vue'
import '../finding/FoundList.vue'
import { fits } from '../model/filter'
import { marked } from '../model/marked'
import { moods } from '../model/mood'
import { stand } from '../model/order'
import { standing } from '../model/promise'
import type { Answer, Conversation } from '../model/protocol'
import { parse, route, show } from '../router'
import { change, conversation, handoff, marta, message, page } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()
// What is awaited comes by itself; on a busy machine it takes its time.
configure({ asyncUtilTimeout: 5_000 })

const last = (id: number, text: string, some: object = {}) => ({
  id,
  author: 'customer' as const,
  author_name: null,
  text,
  created_at: id * 1000,
  ...some,
})
const one = (id: string, at: number, some: Partial<Conversation> = {}) =>
  conversation(id, { customer: { id, name: id }, last_message: last(at, `said by ${id}`), ...some })
const mine = { owner: 'agent' as const, assignee_id: 'a1' }
const waits = (at: number) => ({ handoff: handoff({ requested_at: at }) })

let place: Place
beforeEach(() => {
  place = new Place()
  show('queue')
})
afterEach(() => {
  cleanup()
  for (const tab of ['queue', 'mine', 'snoozed', 'all'] as const) filters[tab] = {}
  vi.useRealTimers()
})

const names = () =>
  [...document.querySelectorAll<HTMLElement>('#rows [data-conversation]')].map(
    (row) => row.dataset.conversation,
  )
let seq = 5
async function tells(...conversations: Conversation[]): Promise<void> {
  place.wire.listener.changed(change(seq, ++seq, { conversations }))
  await new Promise((done) => setTimeout(done, 30))
}
async function opens(conversations: Conversation[], tab = 'queue', some: object = {}) {
  seq = 5
  await place.opens({ conversations, ...some })
  return place.shows(ConversationList, { tab, selected: null })
}

describe('rows that somebody is in', () => {
  const known = { a: one('a', 1), b: one('b', 2), c: one('c', 3), d: one('d', 4) }
  const { a, b, c, d } = known

  test('stay where they are; who has come above them waits, who comes below is there at once', () => {
    expect(stand([c, a, b, d], ['a', 'b'], known)).toEqual({
      rows: [a, b, d],
      gone: new Set(),
      fresh: 1,
      moved: false,
    })
  })

  test('stay, greyed, when they have left the list, with what is known of them now', () => {
    const later = { ...a, owner: 'agent' as const }
    const { rows, gone } = stand([b], ['a', 'b'], { ...known, a: later })
    expect(rows).toEqual([later, b])
    expect([...gone]).toEqual(['a'])
  })

  test('do not change places', () => {
    expect(stand([b, a], ['a', 'b'], known)).toMatchObject({ rows: [a, b], moved: true, fresh: 0 })
    expect(stand([b, a], null, known).rows).toEqual([b, a])
  })
})

describe('the list under the pointer', () => {
  test('stands still until what is new is asked for', async () => {
    await opens([one('a', 1, waits(1)), one('b', 2, waits(2))])
    await fireEvent.pointerEnter(screen.getByRole('tabpanel'))
    await tells(one('c', 3, waits(0)), one('b', 2, mine))
    expect(names()).toEqual(['a', 'b'])
    expect(screen.getByText('Ya no está en esta lista')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: '1 nueva' }))
    expect(names()).toEqual(['c', 'a'])
    expect(document.activeElement).toBe(document.querySelector('[data-conversation="c"]'))
  })

  test('moves again as soon as the pointer has left', async () => {
    await opens([one('a', 1, waits(1)), one('b', 2, waits(2))])
    await fireEvent.pointerEnter(screen.getByRole('tabpanel'))
    await tells(one('a', 1, mine))
    expect(names()).toEqual(['a', 'b'])
    await fireEvent.pointerLeave(screen.getByRole('tabpanel'))
    expect(names()).toEqual(['b'])
  })
})

describe('a row', () => {
  test('tells who looks at it, that the customer types, and how the last words sounded', async () => {
    const jorge = { ...marta, id: 'a2', name: 'Jorge Salas' }
    const sentiment = (label: string) => ({ sentiment: { label, score: 1 } })
    const log = [message(1, sentiment('neutral')), message(2, sentiment('negative'))]
    const { container } = await opens([one('c1', 2, waits(1))], 'queue', {
      agents: [marta, jorge],
      messages: log,
    })
    place.wire.handlers.viewing!({ conversation_id: 'c1', agents: [jorge, marta] } as never)
    place.wire.listener.typing({ conversation_id: 'c1', author: 'customer' })
    await nextTick()
    screen.getByRole('img', { name: 'La ve Jorge Salas' })
    screen.getByText('escribiendo…')
    screen.getByRole('img', { name: 'Ánimo de sus últimos mensajes: neutro, negativo' })
    expect((await axe.run(container)).violations).toEqual([])
  })

  test('knows the moods of a customer’s last five messages that have one', () => {
    const log = [1, 2, 3, 4, 5, 6].map((id) => message(id, { sentiment: { label: 'positive', score: 1 } }))
    log.push(message(7, { author: 'agent', sentiment: { label: 'negative', score: 1 } }), message(8))
    expect(moods(log)).toEqual(Array(5).fill('positive'))
  })

  test('warns in the last minute of a promise', () => {
    const due = { promise: 'first_reply' as const, at: 100_000, state: 'running' as const }
    expect([39_999, 40_000, 100_000].map((now) => standing(due, now))).toEqual([
      'running',
      'warned',
      'broken',
    ])
  })
})

test('a long list shows its first rows, and more when they are asked for', async () => {
  await opens(Array.from({ length: 70 }, (_, place) => one(`c${place}`, place, waits(place))))
  expect(names()).toHaveLength(60)
  await userEvent.click(screen.getByRole('button', { name: 'Ver más' }))
  expect(names()).toHaveLength(70)
  expect(screen.queryByRole('button', { name: 'Ver más' })).toBeNull()
})

describe('all conversations', () => {
  beforeEach(() => {
    const pages: Record<string, object> = {
      null: { conversations: [one('newest', 90), one('new', 80)], next: 'after new' },
      'after new': { conversations: [one('old', 20)], next: null },
    }
    place.wire.answers.list = ({ cursor }) => ({ ok: true, ...pages[String(cursor)] }) as Answer
  })

  test('come page by page, and none that is known stands where others are missing', async () => {
    await opens([one('newest', 90), one('ancient', 10, waits(1))], 'all')
    await waitFor(() => expect(names()).toEqual(['newest', 'new']))
    await userEvent.click(screen.getByRole('button', { name: 'Ver más' }))
    await waitFor(() => expect(names()).toEqual(['newest', 'new', 'old', 'ancient']))
    expect(screen.queryByRole('button', { name: 'Ver más' })).toBeNull()
  })

  test('are narrowed down by the server, and each filter is dropped by itself', async () => {
    await opens([one('newest', 90)], 'all')
    await userEvent.click(screen.getByRole('button', { name: 'Filtrar' }))
    const menu = await screen.findByRole('dialog')
    await userEvent.selectOptions(within(menu).getByLabelText('Canal'), 'whatsapp')
    await userEvent.click(within(menu).getByLabelText('Con mensajes sin leer'))
    expect(place.asked('list').at(-1)?.filters).toEqual({ channel: 'whatsapp', unread: true })
    expect((await axe.run(menu)).violations).toEqual([])
    await userEvent.click(within(menu).getByRole('button', { name: 'Cerrar' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Quitar el filtro Canal: WhatsApp' }))
    expect(place.asked('list').at(-1)?.filters).toEqual({ unread: true })
    expect(JSON.parse(sessionStorage.getItem('relevo.filters')!).all).toEqual({ unread: true })
  })
})

test('what a list is narrowed down to', () => {
  const its = one('a', 1, { ...waits(1), tags: ['vip'], unread: 2, channel: 'telegram' })
  for (const filters of [
    {},
    { tag: 'vip', unread: true },
    { team: 'care' },
    { reason: 'customer_request' },
  ] as const)
    expect(fits(its, filters)).toBe(true)
  const asleep = one('b', 1, { case_id: 'k', snoozed_until: 9 })
  const passes = (status: 'open' | 'closed' | 'snoozed') => [its, asleep].map((one) => fits(one, { status }))
  expect([passes('open'), passes('closed'), passes('snoozed')]).toEqual([
    [false, true],
    [true, false],
    [false, true],
  ])
  for (const filters of [{ tag: 'x' }, { channel: 'web' }, { channel: 'telegram', language: 'en' }] as const)
    expect(fits(its, filters)).toBe(false)
})

describe('search', () => {
  test('shows what is known at once, and what the server finds in the messages, where it is', async () => {
    place.wire.answers.search = () =>
      ({
        ok: true,
        found: [
          { conversation: one('old', 3), message_id: 77, excerpt: 'Pedí un <b>café</b> con canela' },
          { conversation: one('ana', 3), message_id: null, excerpt: null },
        ],
        next: null,
      }) as Answer
    const { emitted, container } = await opens([
      one('ana', 1, { last_message: last(1, 'mi Cafe') }),
      one('luis', 2),
    ])
    await userEvent.type(screen.getByRole('searchbox'), 'caf')
    expect(names()).toEqual(['ana'])
    const hit = await screen.findByRole('button', { name: /canela/ })
    expect(place.asked('search')).toEqual([{ text: 'caf', filters: {}, cursor: null }])
    expect(within(hit).getByText('caf').tagName).toBe('MARK')
    expect(hit.textContent).toContain('<b>café</b>')
    expect(names()).toEqual(['ana', 'old'])
    expect((await axe.run(container)).violations).toEqual([])
    await userEvent.click(hit)
    expect(emitted().open).toEqual([['old', 77]])
    expect(place.desk.state.value.conversations.old).toBeTruthy()
  })

  test('says when there is nothing, and clears itself', async () => {
    place.wire.answers.search = () => ({ ok: true, found: [], next: null }) as Answer
    await opens([one('ana', 1, waits(1))])
    await userEvent.type(screen.getByRole('searchbox'), 'nadie')
    await screen.findByText('Nada coincide con «nadie»')
    await userEvent.click(screen.getAllByRole('button', { name: 'Borrar la búsqueda' }).at(-1)!)
    expect(names()).toEqual(['ana'])
    expect(document.activeElement).toBe(screen.getByRole('searchbox'))
  })

  test('marks the beginnings of words, whatever their accents', () => {
    const hits = (text: string, words: string) =>
      marked(text, words)
        .filter((piece) => piece.hit)
        .map((piece) => piece.text)
    expect(hits('El Café, cafetería y un descafeinado', 'cafe')).toEqual(['Café', 'cafe'])
    expect(hits('Cafe\u0301 con leche', 'lec café')).toEqual(['Cafe\u0301', 'lec'])
    expect(marked('a.b (c)', '(').every((piece) => !piece.hit)).toBe(true)
    expect(
      marked('uno  dos', 'dos')
        .map((piece) => piece.text)
        .join(''),
    ).toBe('uno  dos')
  })

  test('leads to the message', () => {
    show('all', 'c1', 77)
    expect(location.search).toBe('?m=77')
    expect(route.value).toEqual({ page: 'inbox', tab: 'all', conversation: 'c1', message: 77 })
    show('all', 'c1')
    expect(route.value).toMatchObject({ message: undefined })
    expect(location.search).toBe('')
    expect(parse('/console/inbox/all/c1', '?m=x')).toMatchObject({ message: undefined })
  })
})

describe('the keyboard', () => {
  const own = [one('c1', 3, mine), one('c2', 2, mine), one('c3', 1, mine)]

  async function press(key: string, some: KeyboardEventInit = {}): Promise<void> {
    await fireEvent.keyDown(document.body, { key, ...some })
    await nextTick()
  }

  beforeEach(async () => {
    await place.opens({ conversations: own })
    place.shows(Inbox)
  })

  test('goes through one’s own, also where the brackets need AltGr', async () => {
    const altGr = { ctrlKey: true, altKey: true, modifierAltGraph: true }
    await press(']', altGr)
    expect(route.value).toMatchObject({ tab: 'mine', conversation: 'c1' })
    await press(']')
    await press(']')
    await press(']')
    expect(route.value).toMatchObject({ conversation: 'c3' })
    await press('[', altGr)
    expect(route.value).toMatchObject({ conversation: 'c2' })
  })

  test('leaves the browser its own keys', async () => {
    await press(']', { ctrlKey: true })
    expect(route.value).toMatchObject({ conversation: null })
  })
})

test('colleagues are told what one looks at, and what an address names is asked for', async () => {
  const far = one('far', 1)
  await place.opens({ conversations: [] })
  place.wire.answers.history = () => page(far, { conversations: [far] })
  show('all', 'far')
  place.shows(Inbox)
  await screen.findByRole('heading', { name: 'far' })
  expect(place.asked('view')).toEqual([{ conversation_id: 'far' }])
  cleanup()
  expect(place.asked('view').at(-1)).toEqual({ conversation_id: null })
})
