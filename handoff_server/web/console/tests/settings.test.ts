import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from '../model/protocol'
import { adopt, preferences, theme, volume } from '../preferences'
import { route, show, showSettings, watchOver } from '../router'
import { addTexts, speak } from '../i18n'
import { contrast, readable } from '../settings/contrast'
import Hours from '../settings/Hours.vue'
import HoursForm from '../settings/HoursForm.vue'
import en from '../settings/locales/en.json'
import es from '../settings/locales/es.json'
import { sectionsOf } from '../settings/sections'
import Settings from '../settings/Settings.vue'
import { nextVersion } from '../settings/teams-form'
import Users from '../settings/Users.vue'
import { DAYS, folded, listed, opened } from '../settings/week'
import type { TeamsText } from '../server/settings'
import { marta } from './change'
import { Doors } from './doors'
import { layOutNothing, Place } from './place'

layOutNothing()

const doors = new Doors().open()
const lucia: Agent = { ...marta, id: 'a9', name: 'Lucía', role: 'admin' }
const place = new Place()
beforeEach(async () => {
  await speak('es')
  addTexts({ es, en })
})
afterEach(() => {
  cleanup()
  watchOver(null)
  doors.forget()
})

const policy = (): TeamsText => ({
  version: '1',
  default_team: 'care',
  hours: {
    office: { time_zone: 'America/Bogota', week: { 'mon-fri': ['08:00-18:00'] }, days: { '2026-12-25': [] } },
  },
  teams: {
    care: { name: { es: 'Atención', en: 'Care' }, hours: 'office', mode: 'pull', last_agent_first: false },
  },
  skills: [],
  promises: { warn_at: 0.75, urgent: { first_reply: '1m' }, high: {}, normal: {}, low: {} },
  queue: { nobody_online: 'wait', at_closing: 'wait' },
  dispositions: [{ id: 'solved', name: { es: 'Resuelto', en: 'Solved' }, settled: true, survey: true }],
  cases: {},
  survey: { after: [] },
})

describe('a week', () => {
  test.each([
    [{ 'mon-fri': ['08:00-19:00'], sat: ['09:00-14:00'] }],
    [{ 'mon-sun': ['00:00-24:00'] }],
    [{ 'mon-sun': [] }],
    [{ mon: ['08:00-12:00'], 'wed-thu': ['08:00-12:00'] }],
  ])('%j is the same after it was shown', (week) => {
    expect(folded(opened(week))).toEqual(week)
  })

  test('seven days are shown, those that nobody names closed', () => {
    expect(Object.keys(opened({ sat: ['09:00-10:00'] }))).toEqual([...DAYS])
    expect(opened({ sat: ['09:00-10:00'] }).sun).toEqual([])
  })

  test('spans are told apart by commas, however a dash is written', () => {
    expect(listed(' 08:00 – 12:00, 13:00-18:00,, ')).toEqual(['08:00-12:00', '13:00-18:00'])
  })
})

test('a version that counts goes on counting', () => {
  expect(['1', '41', 'summer'].map(nextVersion)).toEqual(['2', '42', 'summer'])
})

test('contrast is that of WCAG, and what is too pale gets the nearest shade that is not', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
  expect(readable('#0b6e6e')).toBe('#0b6e6e')
  expect(contrast(readable('#ffcc00'), '#ffffff')).toBeGreaterThanOrEqual(4.5)
})

test('each role has its own sections', () => {
  const names = (role: Agent['role']) => sectionsOf(role).map(({ id }) => id)
  expect(names('agent')).toEqual(['me', 'canned'])
  expect(names('supervisor')).toEqual(['me', 'canned', 'team', 'hours', 'channels'])
  expect(names('admin')).toContain('users')
})

test('of kept preferences only those are taken that this page understands', () => {
  adopt({ theme: 'dark', volume: 400, quiet_hours: { from: '9', until: '10:00' }, surprise: 1 })
  expect([theme.value, volume.value, preferences.quiet_hours]).toEqual(['dark', 60, null])
  expect(preferences).not.toHaveProperty('surprise')
  theme.value = 'system'
})

describe('the form of teams.yml', () => {
  const shows = async (code: 'es' | 'en' = 'es') => {
    await place.opens({}, lucia)
    return place.shows(HoursForm, { policy: policy(), tag: 't1', fixed: false }, code)
  }

  test('saves what was changed, with the next version and the tag it was read with', async () => {
    doors.answers['PUT teams'] = [200, { tag: 't2' }]
    await shows()
    await fireEvent.update(screen.getByLabelText('Lunes'), '09:00-18:00')
    await fireEvent.change(screen.getByLabelText('Lunes'))
    await userEvent.click(screen.getByRole('button', { name: 'Guardar' }))
    await screen.findByText('Guardado')
    const [body] = doors.written() as { policy: TeamsText; tag: string }[]
    expect(body?.tag).toBe('t1')
    expect(body?.policy.version).toBe('2')
    expect(body?.policy.hours.office?.week).toEqual({ mon: ['09:00-18:00'], 'tue-fri': ['08:00-18:00'] })
  })

  test('what is typed while it is being saved is not taken for saved', async () => {
    let answer: (value: [number, unknown]) => void = () => undefined
    doors.answers['PUT teams'] = new Promise((done) => (answer = done))
    await shows()
    const name = screen.getAllByLabelText(/^Nombre/)[0] as HTMLElement
    const discard = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Descartar cambios' })
    await fireEvent.update(name, 'Ayuda')
    await userEvent.click(screen.getByRole('button', { name: 'Guardar' }))
    await fireEvent.update(name, 'Ayuda hoy')
    answer([200, { tag: 't2' }])
    await waitFor(() => expect(discard().disabled).toBe(false))
    screen.getByText('Hay cambios sin guardar')
    screen.getByDisplayValue('Ayuda hoy')
  })

  test('what is wrong stands beside its field, which has the focus', async () => {
    const wrong = { place: ['teams', 'care', 'wrap_up'], code: 'duration', message: 'write a time' }
    doors.answers['PUT teams'] = [400, { error: { code: 'invalid_request', message: '', problems: [wrong] } }]
    await shows()
    const field = screen.getByLabelText('Tiempo de cierre')
    await fireEvent.update(field, 'pronto')
    await userEvent.click(screen.getByRole('button', { name: 'Guardar' }))
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'))
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toContain(
      'Escribe un tiempo como 30s',
    )
    expect(document.activeElement).toBe(field)
  })

  test('a file that somebody else has changed keeps what was typed and offers the new one', async () => {
    doors.answers['PUT teams'] = [409, { error: { code: 'edited_meanwhile', message: '' } }]
    const { emitted } = await shows()
    await fireEvent.update(screen.getAllByLabelText(/^Nombre/)[0] as HTMLElement, 'Ayuda')
    await userEvent.click(screen.getByRole('button', { name: 'Guardar' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Cargar lo nuevo y perder lo mío' }))
    expect(emitted()).toHaveProperty('reload')
    expect(screen.getByDisplayValue('Ayuda')).toBeTruthy()
  })

  test('a file that may only be read says why and what to do, and asks nobody to type', async () => {
    doors.answers['GET teams'] = [200, { policy: policy(), tag: 't1', why: 'read_only', problems: [] }]
    await place.opens({}, lucia)
    place.shows(Hours)
    expect((await screen.findByRole('note')).textContent).toContain('Dale permiso de escritura')
    expect(screen.getByLabelText<HTMLInputElement>('Lunes').matches(':disabled')).toBe(true)
    expect(screen.queryByRole('button', { name: 'Guardar' })).toBeNull()
  })

  test.each([
    ['es', 403, { code: 'forbidden', why: 'read_only' }, 'Dale permiso de escritura', 'Lo tuyo sigue aquí'],
    ['en', 403, { code: 'forbidden', why: 'by_hand' }, 'changed by hand', 'Your work is still here'],
    ['es', 500, { code: 'internal', why: 'not_written' }, 'disco está lleno', 'Lo tuyo sigue aquí'],
    ['en', 403, { code: 'forbidden' }, 'Your account may not do this', 'Your work is still here'],
  ] as const)('one that cannot be written after all keeps what was typed (%s, %i %j)', async (...given) => {
    const [code, status, error, told, kept] = given
    doors.answers['PUT teams'] = [status, { error: { ...error, message: '' } }]
    await shows(code)
    await fireEvent.update(screen.getAllByLabelText(/^(Nombre|Name)/)[0] as HTMLElement, 'Ayuda')
    const save = () => screen.getByRole<HTMLButtonElement>('button', { name: /^(Guardar|Save)$/ })
    await userEvent.click(save())
    const words = (await screen.findByRole('alert')).textContent
    expect(words).toContain(told)
    expect(words).toContain(kept)
    doors.answers['PUT teams'] = [200, { tag: 't2' }]
    await userEvent.click(save())
    await screen.findByText(/^(Guardado|Saved)$/)
    const [refused, written] = doors.written()
    expect(written).toEqual(refused)
    expect(written).toMatchObject({
      tag: 't1',
      policy: { version: '2', teams: { care: { name: { es: 'Ayuda' } } } },
    })
  })
})

describe('whoever leaves', () => {
  test('unsaved work is asked, and stays or goes as wanted', async () => {
    doors.answers['GET me'] = [
      200,
      { agent: { ...marta, name: 'Marta' }, preferences: {}, other_sessions: 0 },
    ]
    await place.opens()
    showSettings('me')
    place.shows(Settings)
    await fireEvent.update(await screen.findByLabelText('Nombre'), 'Otra')
    show('queue')
    await userEvent.click(await screen.findByRole('button', { name: 'Seguir aquí' }))
    expect(route.value.page).toBe('settings')
    show('queue')
    await userEvent.click(await screen.findByRole('button', { name: 'Salir sin guardar' }))
    expect(route.value.page).toBe('inbox')
  })
})

describe('accounts', () => {
  const users = [
    {
      id: 'a9',
      name: 'Lucía',
      email: 'l@x.example',
      role: 'admin',
      password: true,
      sessions: 1,
      created_at: 1,
    },
  ]

  test('a new one gives a link, once', async () => {
    doors.answers['GET agents'] = [200, { agents: users }]
    doors.answers['POST agents'] = [201, { id: 'a2', link: 'https://x.example/console/password?token=t' }]
    await place.opens({}, lucia)
    place.shows(Users)
    await userEvent.click(await screen.findByRole('button', { name: 'Crear cuenta' }))
    const dialog = within(await screen.findByRole('dialog'))
    await userEvent.click(dialog.getByRole('button', { name: 'Crear cuenta' }))
    expect(dialog.getByText('Escribe el nombre.')).toBeTruthy()
    await fireEvent.update(dialog.getByLabelText('Nombre'), 'Nora')
    await fireEvent.update(dialog.getByLabelText('Correo electrónico'), 'nora@x.example')
    await userEvent.click(dialog.getByRole('button', { name: 'Crear cuenta' }))
    expect(await screen.findByText('https://x.example/console/password?token=t')).toBeTruthy()
  })

  test('the last admin stays one, and is told why', async () => {
    doors.answers['GET agents'] = [200, { agents: users }]
    doors.answers['PUT agents/a9'] = [409, { error: { code: 'last_admin', message: '' } }]
    await place.opens({}, lucia)
    place.shows(Users)
    await fireEvent.update(await screen.findByLabelText('Rol de Lucía'), 'agent')
    expect((await screen.findByRole('alert')).textContent).toContain('única cuenta de administración')
  })
})
