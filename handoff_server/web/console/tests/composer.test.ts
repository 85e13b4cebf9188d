import { cleanup, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { toKeep } from '../composer/canned'
import Composer from '../composer/Composer.vue'
import type { Answer, Conversation } from '../model/protocol'
import { filled, found, gap, type Canned } from '../model/canned'
import { unfit } from '../model/picked'
import { tokenAt } from '../model/token'
import { reach } from '../model/window'
import { sendKey } from '../preferences'
import { conversation, handoff, marta, message } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()

const jorge = { ...marta, id: 'a2', name: 'Jorge Paz' }
const mine = conversation('c1', {
  owner: 'agent',
  assignee_id: 'a1',
  handoff: handoff({ status: 'assigned', assignee_id: 'a1', collected: { order_number: 'RX-4821' } }),
})
const replies: Canned[] = [
  {
    id: 'r1',
    shortcut: 'saludo',
    texts: { es: 'Hola {customer}, soy {agent}.', en: 'Hi' },
    own: false,
    used: 2,
  },
  {
    id: 'r2',
    shortcut: 'pedido',
    texts: { es: 'Tu pedido {order} del caso {case}', en: '' },
    own: false,
    used: 9,
  },
]
let place: Place

beforeEach(() => {
  place = new Place()
  sendKey.value = 'enter'
  toKeep.value = null
})
afterEach(() => {
  vi.useRealTimers()
  cleanup()
  place.desk?.close()
})

async function opens(one: Conversation = mine, some: object = {}) {
  await place.opens({ conversations: [one], agents: [marta, jorge], ...some })
  place.wire.answers.canned = () => ({ ok: true, canned: replies }) as Answer
  place.wire.answers.reply = () => ({ ok: true, message: message(50, { author_id: 'a1' }) }) as Answer
  return place.shows(Composer, { conversation: one })
}
const field = () => screen.getByRole<HTMLTextAreaElement>('textbox')

describe('what is being typed', () => {
  test.each([
    ['/sal', '/', 'sal'],
    ['Gracias. /ped', '/', 'ped'],
    ['¿/ped', '/', 'ped'],
    ['@Jor', '@', 'Jor'],
    ['12/5', undefined, undefined],
    ['ana@correo', undefined, undefined],
    ['/dos palabras', undefined, undefined],
  ])('%s calls for %s', (text, sign, word) => {
    const token = tokenAt(text, text.length)
    expect([token?.sign, token?.word]).toEqual([sign, word])
  })

  test('finds replies by shortcut before text, the most used first', () => {
    expect(found(replies, '').map(({ id }) => id)).toEqual(['r2', 'r1'])
    expect(found(replies, 'PED').map(({ id }) => id)).toEqual(['r2'])
    expect(found(replies, 'soy').map(({ id }) => id)).toEqual(['r1'])
    expect(found(replies, 'nada')).toEqual([])
  })

  test('fills in what is known and shows where the rest is to be', () => {
    const text = filled('{customer}: {order}, {order}', { customer: 'Ana', order: null })
    expect(text).toBe('Ana: {order}, {order}')
    expect(gap(text)).toEqual({ name: 'order', start: 5, end: 12 })
    expect(gap('{otra}')).toBeNull()
  })
})

describe('how long one may answer', () => {
  const hour = 3_600_000
  const told = (then: 'template' | 'human_agent' | 'closed') =>
    conversation('c', {
      heard_at: 0,
      window: { until: 24 * hour, then, last: then === 'human_agent' ? 7 * 24 * hour : null },
    })

  test.each([
    ['template', 23, 'open'],
    ['template', 25, 'template'],
    ['human_agent', 25, 'human_agent'],
    ['human_agent', 24 * 8, 'closed'],
    ['closed', 25, 'closed'],
  ] as const)('%s after %i hours: %s', (then, hours, kind) => {
    expect(reach(told(then), hours * hour).kind).toBe(kind)
  })

  test('for ever on the web', () => {
    expect(reach(conversation('c'), 1e15)).toEqual({ kind: 'open', until: null })
  })

  test('is told where nothing but a template is left, and a note is still possible', async () => {
    await opens({ ...mine, channel: 'whatsapp', window: { until: null, then: 'template', last: null } })
    expect(screen.getByText(/WhatsApp solo permite una plantilla/)).toBeTruthy()
    expect(field().disabled).toBe(true)
    await userEvent.click(screen.getByRole('button', { name: 'Nota privada' }))
    expect(field().disabled).toBe(false)
  })
})

test.each([
  [{ type: 'image/png', size: 5 }, null],
  [{ type: 'image/png', size: 20_000_001 }, 'too_big'],
  [{ type: 'image/png', size: 0 }, 'empty'],
  [{ type: 'image/svg+xml', size: 5 }, 'kind'],
  [{ type: 'application/x-msdownload', size: 5 }, 'kind'],
  [{ type: 'application/pdf', size: 5 }, null],
])('of files %j is refused as %s', (file, why) => expect(unfit(file)).toBe(why))

describe('the field', () => {
  test('offers replies by /, puts the chosen one where the cursor is, and counts it', async () => {
    const user = userEvent.setup()
    const { container } = await opens()
    await user.type(field(), 'Buenas. /')
    const list = await screen.findByRole('listbox', { name: 'Respuestas rápidas' })
    expect(field().getAttribute('aria-activedescendant')).toBe(list.children[0]?.id)
    expect((await axe.run(container)).violations.map(({ id }) => id)).toEqual([])
    await user.keyboard('{ArrowDown}{Enter}')
    expect(field().value).toBe('Buenas. Hola Elena Prieto, soy Marta Rivas.')
    expect(place.asked('reply')).toEqual([])
    await user.keyboard('{Enter}')
    expect(place.asked('reply')[0]).toMatchObject({
      text: 'Buenas. Hola Elena Prieto, soy Marta Rivas.',
      canned: 'r1',
    })
  })

  test('marks a reply that there is only in another language than the customer’s', async () => {
    await opens({ ...mine, language: 'en' })
    await userEvent.type(field(), '/')
    const [order, greeting] = await screen.findAllByRole('option')
    expect(order?.textContent).toMatch(/pedido.*ES.*español/)
    expect(greeting?.textContent).not.toMatch(/EN|inglés/)
  })

  test('shows what is still to be filled in, and sends it so for none but the button that says it', async () => {
    const user = userEvent.setup()
    await opens()
    await user.type(field(), '/ped')
    await screen.findByRole('listbox')
    await user.keyboard('{Tab}')
    expect(field().value).toBe('Tu pedido RX-4821 del caso {case}')
    expect(field().value.slice(field().selectionStart, field().selectionEnd)).toBe('{case}')
    expect(screen.getByText(/la clave del caso/)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Enviar así' })).toBeNull()
    field().setSelectionRange(0, 0)
    await user.keyboard('{Enter}{Enter}')
    expect(screen.getByRole('alert').textContent).toContain('la clave del caso')
    expect(field().value.slice(field().selectionStart, field().selectionEnd)).toBe('{case}')
    expect(place.asked('reply')).toEqual([])
    await user.click(screen.getByRole('button', { name: 'Enviar así' }))
    expect(place.asked('reply')).toHaveLength(1)
  })

  test('lets go of a list that was waved away', async () => {
    const user = userEvent.setup()
    await opens()
    await user.type(field(), '/')
    await screen.findByRole('listbox')
    await user.keyboard('{Escape}')
    expect(screen.queryByRole('listbox')).toBeNull()
    expect(document.activeElement).toBe(field())
    await user.keyboard('sal')
    expect(screen.queryByRole('listbox')).toBeNull()
  })

  test('calls colleagues by @ in a note', async () => {
    const user = userEvent.setup()
    await opens()
    await user.click(field())
    await user.keyboard('{Control>}{Shift>}N{/Shift}{/Control}')
    await waitFor(() => screen.getByRole('textbox', { name: 'Nota privada' }))
    await user.type(field(), 'Mira esto, @jor')
    expect((await screen.findByRole('option')).textContent).toContain('Jorge Paz')
    await user.keyboard('{Enter}por favor{Enter}')
    expect(place.asked('reply')[0]).toMatchObject({
      text: 'Mira esto, @Jorge Paz por favor',
      private: true,
      mentions: ['a2'],
    })
  })

  test('sends with Ctrl + Enter where Enter breaks the line', async () => {
    sendKey.value = 'ctrl_enter'
    const user = userEvent.setup()
    await opens()
    await user.type(field(), 'uno{Enter}dos')
    expect(place.asked('reply')).toEqual([])
    await user.keyboard('{Control>}{Enter}{/Control}')
    expect(place.asked('reply')[0]).toMatchObject({ text: 'uno\ndos' })
  })

  test('offers suggestions for the newest words of the customer, beside what is being typed', async () => {
    const user = userEvent.setup()
    await place.opens({ conversations: [mine], agents: [marta], messages: [message(1)] })
    place.wire.answers.suggest = () =>
      ({ ok: true, suggestions: [{ kind: 'bot', text: 'Llega el viernes.', why: 'order_status' }] }) as Answer
    place.shows(Composer, { conversation: mine })
    await user.type(field(), 'Hola.')
    await screen.findByRole('list', { name: 'Respuestas sugeridas' }, { timeout: 3_000 })
    expect(screen.getByText('Del asistente · Estado de un pedido')).toBeTruthy()
    await user.keyboard('{Alt>}[Digit1]{/Alt}')
    await waitFor(() => expect(field().value).toBe('Hola. Llega el viernes.'))
  })

  test('asks once more for suggestions that took their time, and what is shown keeps its place', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true })
    await place.opens({ conversations: [mine], agents: [marta], messages: [message(1)] })
    const first = { kind: 'agent', text: 'Sale hoy.', why: 'similar' }
    const late = { kind: 'bot', text: 'Llega el viernes.', why: 'order_status' }
    place.wire.answers.suggest = () =>
      ({ ok: true, suggestions: place.asked('suggest').length > 1 ? [late, first] : [first] }) as Answer
    place.shows(Composer, { conversation: mine })
    await vi.advanceTimersByTimeAsync(800)
    expect(place.asked('suggest')).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(place.asked('suggest')).toHaveLength(2)
    const offered = screen.getByRole('list', { name: 'Respuestas sugeridas' })
    expect([...offered.querySelectorAll('.text')].map((one) => one.textContent)).toEqual([
      'Sale hoy.',
      'Llega el viernes.',
    ])
  })
})

describe('drafts', () => {
  const settled = (ms = 0) => new Promise((done) => setTimeout(done, ms))
  const news = (draft: object) => place.wire.handlers.draft?.(draft as never)
  const remote = { conversation_id: 'c1', kind: 'reply', text: 'de otro escritorio', updated_at: 1e15 }

  test('go to the server a second after the last key', async () => {
    await opens()
    place.desk.drafts.write('c1', 'reply', 'hola')
    expect(place.asked('draft')).toEqual([])
    await settled(1_100)
    expect(place.asked('draft')).toMatchObject([{ conversation_id: 'c1', kind: 'reply', text: 'hola' }])
  })

  test('come from other desks, but not over what is being typed', async () => {
    await opens()
    news(remote)
    await waitFor(() => expect(field().value).toBe('de otro escritorio'))
    await userEvent.type(field(), '!')
    news({ ...remote, text: 'otra cosa', updated_at: 2e15 })
    await settled(20)
    expect(field().value).toBe('de otro escritorio!')
  })

  test('that did not know of each other are both kept', async () => {
    await place.opens({ conversations: [mine] })
    const own = { conversation_id: 'c1', kind: 'reply', text: 'mío', updated_at: 5, told: false }
    localStorage.setItem('relevo.draft.a1.c1.reply', JSON.stringify(own))
    place.desk.drafts.stored('relevo.draft.a1.c1.reply')
    news(remote)
    expect(place.desk.drafts.read('c1', 'reply')).toBe('de otro escritorio\n\nmío')
  })

  test('of somebody else in the same browser stay theirs', async () => {
    await place.opens({ conversations: [mine] }, { ...marta, id: 'a9' })
    localStorage.setItem('relevo.draft.a1.c1.reply', JSON.stringify({ ...remote, told: true }))
    place.desk.drafts.stored('relevo.draft.a1.c1.reply')
    expect(place.desk.drafts.read('c1', 'reply')).toBe('')
  })
})

describe('the assistant beside the conversation', () => {
  test('does something, is answered, and what it says is copied only by hand', async () => {
    const user = userEvent.setup()
    const { container } = await opens()
    const title = { es: 'Estado de un pedido', en: 'State of an order' }
    place.wire.answers.skills = () =>
      ({
        ok: true,
        skills: [{ name: 'order_status', title, needs: ['order_number'], tells: true }],
      }) as Answer
    place.wire.answers.ask_bot = ({ skill }) =>
      ({
        ok: true,
        run: 'run1',
        messages: [{ text: skill ? '¿Qué pedido?' : 'Llega el viernes.', buttons: [] }],
        done: !skill,
      }) as Answer
    await user.click(screen.getByRole('button', { name: 'Deja que lo haga el asistente' }))
    const panel = await screen.findByRole('dialog')
    await user.click(await within(panel).findByRole('button', { name: /Estado de un pedido.*Pedido/ }))
    await user.type(await within(panel).findByRole('textbox'), 'RX-4821{Enter}')
    expect((await axe.run(container)).violations.map(({ id }) => id)).toEqual([])
    expect(place.asked('ask_bot')[1]).toEqual({ conversation_id: 'c1', run: 'run1', text: 'RX-4821' })
    await within(panel).findByText('Llega el viernes.')
    await user.click(within(panel).getAllByRole('button', { name: 'Copiar a la respuesta' }).at(-1)!)
    const reply = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Responder' })
    await waitFor(() => expect(reply.value).toBe('Llega el viernes.'))
    expect(place.asked('reply')).toEqual([])
  })
})
