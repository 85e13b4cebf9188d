/** The pages of the settings that keep replies, dress the widget, and tell how the channels do. */
import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { addTexts } from '../i18n'
import type { Canned as Reply } from '../model/canned'
import type { Agent, Answer } from '../model/protocol'
import { route, watchOver } from '../router'
import { contrast, ENOUGH } from '../settings/contrast'
import Canned from '../settings/Canned.vue'
import Channels from '../settings/Channels.vue'
import en from '../settings/locales/en.json'
import es from '../settings/locales/es.json'
import Widgets from '../settings/Widgets.vue'
import type { ChannelState, Widget } from '../server/settings'
import { marta } from './change'
import { Doors } from './doors'
import { layOutNothing, Place } from './place'

layOutNothing()

const doors = new Doors().open()
const lucia: Agent = { ...marta, id: 'a9', name: 'Lucía', role: 'supervisor' }
let place: Place

beforeEach(() => {
  place = new Place()
  addTexts({ es, en })
})
afterEach(() => {
  cleanup()
  watchOver(null)
  doors.forget()
  vi.useRealTimers()
})

const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>('button', { name })
const value = (label: string) => screen.getByLabelText<HTMLInputElement>(label).value

describe('canned replies', () => {
  const replies: Reply[] = [
    { id: 'r1', shortcut: 'saludo', texts: { es: 'Hola {customer}', en: '' }, own: false, used: 7 },
    { id: 'r2', shortcut: 'mío', texts: { es: '', en: 'Only mine' }, own: true, used: 0 },
  ]
  const shows = async (item: string | null, who: Agent = lucia) => {
    place.wire.answers.canned = () => ({ ok: true, canned: replies }) as Answer
    await place.opens({}, who)
    place.shows(Canned, { item })
    await waitFor(() => expect(screen.queryByText('Cargando…')).toBeNull())
  }

  test('are listed with their text in the language that there is, and found by it', async () => {
    await shows(null)
    const [, first, second] = await screen.findAllByRole('row')
    expect(first?.textContent).toMatch(/\/saludo.*Hola \{customer\}.*7/)
    expect(second?.textContent).toMatch(/\/mío.*Solo mía.*Only mine.*0/)
    await fireEvent.update(screen.getByRole('searchbox'), 'hola')
    expect(screen.queryByText('/mío')).toBeNull()
    await fireEvent.update(screen.getByRole('searchbox'), 'nada')
    screen.getByText('Ninguna respuesta coincide.')
  })

  test.each([
    ['Atajo', 'Con espacio', 'Escribe de 1 a 40'],
    ['Atajo', 'mío', null],
    ['Español', '  ', 'al menos en un idioma'],
    ['Español', 'Hola {nombre}', '{nombre} no es una variable'],
    ['English', 'Hi {order', null],
  ])('with %s “%s” are kept only if that can be used', async (label, typed, told) => {
    await shows('r1')
    await fireEvent.update(screen.getByLabelText(label), typed)
    await userEvent.click(button('Guardar'))
    expect(place.asked('keep_canned')).toHaveLength(told ? 0 : 1)
    if (told) screen.getByText(told, { exact: false })
    else await waitFor(() => expect(route.value).toMatchObject({ section: 'canned', item: null }))
  })

  test('of everybody share no shortcut', async () => {
    await shows('new')
    await fireEvent.update(screen.getByLabelText('Atajo'), 'saludo')
    await fireEvent.update(screen.getByLabelText('Español'), 'Buenas')
    await userEvent.click(button('Guardar'))
    screen.getByText('Ese atajo ya existe. Elige otro.')
    await userEvent.click(screen.getByLabelText('Solo para mí'))
    await userEvent.click(button('Guardar'))
    const kept = { id: null, shortcut: 'saludo', texts: { es: 'Buenas', en: '' }, own: true }
    expect(place.asked('keep_canned')).toEqual([kept])
  })

  test('show how they will read, with what is filled in', async () => {
    await shows('r1')
    await fireEvent.update(screen.getByLabelText('Español'), 'Soy {agent}, va el {order}')
    screen.getByText('Soy Lucía, va el RX-4821')
  })

  test('that are refused, or gone meanwhile, keep what was typed', async () => {
    await shows('r1')
    await fireEvent.update(screen.getByLabelText('Español'), 'Largo y pensado')
    place.wire.answers.keep_canned = () =>
      ({ ok: false, error: { code: 'overloaded', message: '' } }) as Answer
    await userEvent.click(button('Guardar'))
    expect(screen.getByRole('alert').textContent).toContain('Hay mucha carga')
    place.wire.answers.canned = () => ({ ok: true, canned: [] }) as Answer
    place.wire.answers.sync = place.wire.answers.snapshot!
    place.wire.lose()
    place.wire.comeBack()
    await waitFor(() => expect(place.desk.online.value).toBe(true))
    await new Promise((done) => setTimeout(done, 20))
    expect(value('Español')).toBe('Largo y pensado')
  })

  test('of everybody are read by an agent, who writes and drops own ones', async () => {
    await shows('r1', marta)
    expect(screen.getByLabelText<HTMLInputElement>('Español').disabled).toBe(true)
    screen.getByText('Las respuestas de todos las cambian supervisión y administración.')
    expect(screen.queryByRole('button', { name: 'Guardar' })).toBeNull()
    cleanup()
    await shows('r2', marta)
    await userEvent.click(button('Eliminar respuesta'))
    expect(place.asked('drop_canned')).toEqual([{ id: 'r2' }])
  })
})

describe('a widget', () => {
  const texts = { title: '', greeting: '', field: '', open: '', privacy: '', privacy_url: '' }
  const looks = { accent: '#0b6e6e', position: 'end' as const, texts: { es: texts, en: texts } }
  const widgets: Widget[] = [
    { key: 'demo', name: 'Tienda', looks, origins: [], first: true },
    { key: 'w2', name: 'Ayuda', looks, origins: ['https://ayuda.example'], first: false },
  ]
  const shows = async (item: string | null) => {
    const settings_origins = ['https://tienda.example']
    doors.answers['GET widgets'] = [200, { widgets, server: 'https://chat.example', settings_origins }]
    await place.opens({}, { ...lucia, role: 'admin' })
    place.shows(Widgets, { item })
    await screen.findByText(item ? 'Color' : 'Clave')
  }

  test('is listed with its key and where it may stand', async () => {
    await shows(null)
    const [, first, second] = screen.getAllByRole('row')
    expect(first?.textContent).toMatch(/Tienda.*demo.*Solo este servidor/)
    expect(second?.textContent).toMatch(/Ayuda.*w2.*https:\/\/ayuda\.example/)
  })

  test('in a colour that white cannot be read on says so in numbers, and offers the nearest that it can', async () => {
    await shows('w2')
    const said = () => screen.getByText(/El texto blanco/).textContent
    expect(said()).toContain('se lee bien sobre este color (6.1 : 1)')
    await fireEvent.update(screen.getByLabelText('Color'), '#ffcc00')
    expect(said()).toContain('no se lee bien sobre este color (1.5 : 1; hacen falta 4.5)')
    await userEvent.click(button(/^Usar #/))
    expect(contrast(value('Color'), '#ffffff')).toBeGreaterThanOrEqual(ENOUGH)
    expect(said()).not.toContain('no se lee bien')
    expect(screen.queryByRole('button', { name: /^Usar #/ })).toBeNull()
    doors.answers['PUT widgets/w2'] = [200, { key: 'w2' }]
    await userEvent.click(button('Guardar'))
    await screen.findByText('Guardado')
    expect(doors.written()).toMatchObject([{ looks: { accent: value('Color') } }])
  })

  test('gives the code for a page, of this server and with its key', async () => {
    const user = userEvent.setup()
    await shows('w2')
    await user.click(button(/Copiar el código$/))
    const page = new DOMParser().parseFromString(await navigator.clipboard.readText(), 'text/html')
    expect(page.querySelector('script')?.src).toBe('https://chat.example/widget/handoff-chat.js')
    const chat = page.querySelector('handoff-chat')
    expect([chat?.getAttribute('server'), chat?.getAttribute('key')]).toEqual(['https://chat.example', 'w2'])
  })

  test('that is new has no code yet', async () => {
    await shows('new')
    expect(screen.queryByText('Código para tus páginas')).toBeNull()
  })

  test('may stand where is said, one site a line; one that is none is told there, and all stays as typed', async () => {
    await shows('demo')
    screen.getByText('También los de WIDGET_ORIGINS: https://tienda.example')
    const problem = { place: ['origins', 1], code: 'origin', message: 'not an origin' }
    doors.answers['PUT widgets/demo'] = [400, { error: { code: 'invalid_request', problems: [problem] } }]
    await fireEvent.update(
      screen.getByLabelText('Sitios permitidos', { selector: 'textarea' }),
      'https://a.example\n\nhttps://b.example/x ',
    )
    await userEvent.click(button('Guardar'))
    const field = screen.getByLabelText('Sitios permitidos', { selector: 'textarea' })
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'))
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toContain(
      'Uno de estos no es un sitio',
    )
    expect((field as HTMLTextAreaElement).value).toBe('https://a.example\n\nhttps://b.example/x ')
    expect(doors.written()).toMatchObject([{ origins: ['https://a.example', 'https://b.example/x'] }])
  })

  test('is not taken for saved with what is typed while it is being saved', async () => {
    let answer: (value: [number, unknown]) => void = () => undefined
    doors.answers['PUT widgets/w2'] = new Promise((done) => (answer = done))
    await shows('w2')
    await fireEvent.update(screen.getByLabelText('Nombre'), 'Ayuda 2')
    await userEvent.click(button('Guardar'))
    await fireEvent.update(screen.getByLabelText('Nombre'), 'Ayuda 23')
    answer([200, { key: 'w2' }])
    await waitFor(() => expect(button('Descartar cambios').disabled).toBe(false))
    screen.getByText('Hay cambios sin guardar')
    expect(value('Nombre')).toBe('Ayuda 23')
  })
})

describe('the channels', () => {
  const one = (name: string, some: Partial<ChannelState> = {}): ChannelState => ({
    name,
    on: true,
    missing: [],
    last_in: null,
    last_out: null,
    failed: 0,
    dead_letters: 0,
    ...some,
  })
  const tells = (channels: ChannelState[], assistant: 'up' | 'down' = 'up') =>
    (doors.answers['GET channels'] = [200, { channels, assistant, jobs: 3, dead_letters: 2 }])
  const card = (name: string) => within(screen.getByRole('region', { name }))
  const shows = async (code: 'es' | 'en' = 'es') => {
    await place.opens({ server_time: Date.now() }, lucia)
    place.shows(Channels, {}, code)
    await screen.findByRole('region', { name: 'Web' })
  }

  test('tell which goes, which has trouble, and what is to be set for the others', async () => {
    const at = new Date()
    at.setHours(9, 5)
    tells([
      one('web', { last_in: at.getTime() }),
      one('whatsapp', { failed: 4, dead_letters: 1 }),
      one('telegram', { on: false, missing: ['TELEGRAM_TOKEN', 'TELEGRAM_SECRET'] }),
    ])
    await shows()
    card('Web').getByText('Funciona')
    card('Web').getByText('09:05')
    card('Web').getByText('Nada reciente')
    card('WhatsApp').getByText('Con fallos')
    expect(card('WhatsApp').getByText('No entregados (24 h)').nextElementSibling?.textContent).toBe('4')
    expect(card('WhatsApp').getByText('Envíos abandonados').nextElementSibling?.textContent).toBe('1')
    card('Telegram').getByText('Sin configurar')
    for (const setting of ['TELEGRAM_TOKEN', 'TELEGRAM_SECRET']) card('Telegram').getByText(setting)
    expect(card('Telegram').queryByText('Último mensaje recibido')).toBeNull()
    screen.getByText(/qué hacer con lo abandonado: docs\/operations\.md/)
  })

  test.each([
    ['es', 'Asistente', 'No responde: todo pasa a personas'],
    ['en', 'Assistant', 'Does not answer: everything goes to people'],
  ] as const)('say what becomes of customers while the assistant is down (%s)', async (code, name, words) => {
    tells([one('web')], 'down')
    await shows(code)
    card(name).getByText(words)
  })

  test('are asked again by themselves, and stay when there is no answer, until there is one', async () => {
    tells([one('web', { failed: 1 })])
    await shows()
    cleanup()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await shows()
    doors.answers['GET channels'] = [503, { error: { code: 'overloaded', message: '' } }]
    vi.advanceTimersByTime(30_000)
    expect((await screen.findByRole('alert')).textContent).toContain('Hay mucha carga')
    card('Web').getByText('Con fallos')
    tells([one('web')])
    await userEvent.click(button(/Reintentar/))
    await waitFor(() => card('Web').getByText('Funciona'))
    expect(screen.queryByRole('alert')).toBeNull()
  })
})
