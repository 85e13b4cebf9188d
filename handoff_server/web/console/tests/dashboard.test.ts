import { cleanup, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import en from '../dashboard/locales/en.json'
import es from '../dashboard/locales/es.json'
import Dashboard from '../dashboard/Dashboard.vue'
import { trend } from '../dashboard/figure'
import { span } from '../model/span'
import { waitingByTeam, waitingNow } from '../model/waiting'
import type { Agent, Answer } from '../model/protocol'
import type { Measure, Measured } from '../server/measures'
import { conversation, handoff, marta } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()

const jorge: Agent = { ...marta, id: 'a2', name: 'Jorge Paz', role: 'supervisor' }
const ana: Agent = {
  ...marta,
  id: 'a3',
  name: 'Ana Soto',
  presence: 'away',
  since: 61_000 - 7_500_000,
  teams: ['payments'],
  skills: ['health'],
  load: 4,
  hard_today: 2,
}
const queue = [
  conversation('c1', {
    handoff: handoff({ requested_at: 1_000, due: { promise: 'first_reply', at: 60_000, state: 'warned' } }),
  }),
  conversation('c2', { handoff: handoff({ requested_at: 31_000, team: 'payments' }) }),
  conversation('c3', { handoff: handoff({ requested_at: 41_000, team: 'payments' }) }),
]

function measure(some: Partial<Measure>): Measure {
  return { value: 1, n: 20, previous: 1, previous_n: 20, unit: 'count', target: null, ...some }
}

const measures = {
  handoffs: measure({ value: 41, n: 41, previous: 37, previous_n: 37 }),
  csat: measure({ value: 0.91, n: 9, previous: 0.8, unit: 'share' }),
  first_reply_human: measure({ value: 102_000, previous: 120_000, unit: 'ms', median: 80_000, p90: 300_000 }),
  service_level_180: measure({ value: 0.962, unit: 'share', target: 0.95 }),
  best_95: measure({ value: null, unit: 'ms' }),
}
const measured: Measured = {
  from: 0,
  to: 1000,
  time_zone: 'America/Bogota',
  measures,
  groups: [
    { key: 'customer_request', name: null, measures: { ...measures, handoffs: measure({ value: 8 }) } },
    { key: 'negative_sentiment', name: null, measures: { ...measures, handoffs: measure({ value: 33 }) } },
  ],
  definitions: { csat: { es: 'Respuestas de 4 o 5.', en: 'Answers of 4 or 5.' } },
}

const over = { first_reply: 1, next_reply: 2, resolution: 0 }

describe('waiting', () => {
  test('is counted with the longest wait, and with those who wait longer than promised', () => {
    expect(waitingNow(queue, 61_000)).toEqual({ count: 3, longest: 60_000, late: 1 })
    expect(waitingNow(queue, 59_000).late).toBe(0)
    expect(waitingNow([], 5)).toEqual({ count: 0, longest: 0, late: 0 })
  })

  test('is told by team, the longest wait first', () => {
    expect(waitingByTeam(queue.slice(1).concat(queue[0]!), 61_000)).toEqual([
      ['care', { count: 1, longest: 60_000, late: 1 }],
      ['payments', { count: 2, longest: 30_000, late: 0 }],
    ])
  })
})

test('spans have at most two units', () => {
  const said = [0, 8_400, 102_000, 7_500_000, 266_400_000, 3_600_000].map((one) =>
    span(one).replaceAll('\u00a0', ' '),
  )
  expect(said).toEqual(['0 s', '8 s', '1 min 42 s', '2 h 5 min', '3 d 2 h', '1 h'])
})

test('every measure of the hub has a name in both languages', () => {
  const definitions = readFileSync('../definitions.py', 'utf-8')
  const names = [...definitions.matchAll(/Definition\(\s*"(\w+)"/g)].map(([, name]) => name)
  expect(names).toContain('csat')
  expect([es, en].map((words) => names.filter((name) => !(name! in words.measures)))).toEqual([[], []])
})

test('a change is told only where both periods have enough', () => {
  const told = [
    {},
    { value: 2 },
    { value: 0 },
    { n: 9 },
    { previous_n: 9 },
    { previous: null },
    { value: null },
  ]
  expect(told.map((some) => trend(measure(some)))).toEqual(['same', 'up', 'down', null, null, null, null])
})

describe('the dashboard', () => {
  let place: Place
  let questions: URLSearchParams[]

  beforeEach(() => {
    place = new Place()
    questions = []
    vi.stubGlobal('fetch', async (address: string) => {
      if (address === '/api/v1/now') return Response.json({ over_promise: over })
      questions.push(new URLSearchParams(address.split('?')[1]))
      return Response.json(measured)
    })
  })
  afterEach(() => {
    cleanup()
    vi.unstubAllGlobals()
    layOutNothing()
  })

  async function opens(language: 'es' | 'en' = 'es') {
    await place.opens({ conversations: queue, agents: [marta, jorge, ana], server_time: 61_000 }, jorge)
    const shown = place.shows(Dashboard, {}, language)
    await waitFor(() => screen.getByRole('heading', { name: 'CSAT' }))
    return shown
  }

  test('shows who waits and who is there', async () => {
    const { container } = await opens()
    const [waiting, agents] = screen.getAllByRole('table')
    const cells = (table: HTMLElement, row: string) =>
      within(within(table).getByRole('rowheader', { name: row }).closest('tr')!)
        .getAllByRole('cell')
        .map((cell) => cell.textContent?.trim().replace(/\s+/g, ' '))
    expect(cells(waiting!, 'Pagos').slice(0, 2)).toEqual(['2', '0:30'])
    expect(cells(agents!, 'Ana Soto').slice(0, 4)).toEqual([
      'Ausente desde hace 2 h 5 min',
      '4/4',
      '2',
      'Pagos · Salud',
    ])
    expect((await axe.run(container)).violations).toEqual([])
  })

  test('tells of broken promises to those who are served already, too', async () => {
    await opens()
    const waiting = screen.getByRole('region', { name: 'Esperando ahora' })
    await waitFor(() => expect(waiting.textContent).toMatch(/siguiente respuesta\s*2/))
  })

  test('says how many a number stands on, and compares only where there are enough', async () => {
    await opens()
    const tile = (name: string) => screen.getByRole('region', { name })
    expect(tile('CSAT').textContent).toMatch(/91.%.*n = 9.*Pocos datos/)
    expect(tile('CSAT').textContent).not.toContain('antes')
    expect(tile('1.ª respuesta').textContent).toMatch(
      /1.min 42.s.*mediana 1.min 20.s.*p90 5.min.*antes 2.min/,
    )
    expect(within(tile('1.ª respuesta')).getByRole('img', { name: 'Baja' })).toBeTruthy()
  })

  test('explains a measure when asked', async () => {
    await opens('en')
    const what = screen.getByRole('button', { name: 'What is “CSAT”?' })
    await userEvent.click(what)
    expect(screen.getByText('Answers of 4 or 5.')).toBeTruthy()
    expect(what.getAttribute('aria-expanded')).toBe('true')
  })

  test('asks anew for another period or team, and gives the same to a spreadsheet', async () => {
    const user = userEvent.setup()
    await opens()
    await user.click(screen.getByRole('radio', { name: '30 días' }))
    await user.selectOptions(screen.getByRole('combobox', { name: 'Equipo' }), 'Pagos')
    expect(Object.fromEntries(questions.at(-1)!)).toEqual({ period: '30d', by: 'reason', team: 'payments' })
    const address = screen.getByRole('link', { name: /CSV/ }).getAttribute('href')!
    expect(address).toBe('/api/v1/measures?period=30d&by=reason&team=payments&format=csv')
  })

  test('orders the reasons by how often a person was needed', async () => {
    await opens()
    const table = screen.getByRole('table', { name: 'Dónde hizo falta una persona' })
    const reasons = within(table).getAllByRole('rowheader')
    expect(reasons.map((one) => one.textContent)).toEqual(['Está molesto', 'Pidió una persona'])
  })

  test('shows everything as a table', async () => {
    const { container } = await opens()
    await userEvent.click(screen.getByRole('button', { name: 'Ver como tabla' }))
    const table = screen.getByRole('table', { name: 'Todas las medidas' })
    expect(within(table).getAllByRole('row')).toHaveLength(1 + Object.keys(measures).length)
    expect(
      within(table)
        .getByRole('rowheader', { name: /mejor 95/ })
        .closest('tr')?.textContent,
    ).toContain('–')
    expect((await axe.run(container)).violations).toEqual([])
  })

  test('keeps what it shows when the server cannot be reached, and says so', async () => {
    const user = userEvent.setup()
    await opens()
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('network')))
    await user.click(screen.getByRole('radio', { name: '7 días' }))
    expect((await screen.findByRole('alert')).textContent).toContain('No hay respuesta del servidor')
    expect(screen.getByRole('heading', { name: 'CSAT' })).toBeTruthy()
  })

  test('lets a supervisor say what an agent does', async () => {
    const user = userEvent.setup()
    await opens()
    await user.click(screen.getByRole('button', { name: 'Editar a Ana Soto' }))
    const dialog = screen.getByRole('dialog', { name: 'Ana Soto' })
    await user.click(within(dialog).getByRole('checkbox', { name: 'Atención al cliente' }))
    await user.click(within(dialog).getByRole('checkbox', { name: 'Salud' }))
    await user.click(within(dialog).getByRole('checkbox', { name: 'English' }))
    const capacity = within(dialog).getByRole('spinbutton')
    await user.clear(capacity)
    await user.type(capacity, '6')
    place.wire.answers.agent = () => ({ ok: true }) as Answer
    await user.click(within(dialog).getByRole('button', { name: 'Guardar' }))
    expect(place.asked('agent')).toEqual([
      { agent_id: 'a3', teams: ['payments', 'care'], skills: [], languages: ['en'], capacity: 6 },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
  })

  test('ends an account only after a second thought, and never one’s own', async () => {
    const user = userEvent.setup()
    await opens()
    await user.click(screen.getByRole('button', { name: 'Editar a Jorge Paz' }))
    expect(screen.queryByRole('button', { name: /Ya no trabaja/ })).toBeNull()
    await user.keyboard('{Escape}')
    await user.click(screen.getByRole('button', { name: 'Editar a Ana Soto' }))
    await user.click(screen.getByRole('button', { name: /Ya no trabaja/ }))
    expect(place.asked('remove_agent')).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Cerrar su cuenta' }))
    expect(place.asked('remove_agent')).toEqual([{ agent_id: 'a3' }])
    expect(screen.queryByRole('dialog')).toBeNull()
  })
})
