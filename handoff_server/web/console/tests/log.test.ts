import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import HandoverLine from '../components/HandoverLine.vue'
import MessageBubble from '../components/MessageBubble.vue'
import MessageLog from '../components/MessageLog.vue'
import { jumpTo } from '../jump'
import { choices } from '../model/choice'
import type { Answer, Attachment, Message } from '../model/protocol'
import { sized } from '../model/size'
import { timeline } from '../model/timeline'
import { judged, mayJudge } from '../model/verdict'
import { firstPart, parts } from '../model/words'
import { understanding } from '../preferences'
import { route } from '../router'
import { conversation, event, handoff, marta, message, page } from './change'
import { layOutNothing, Place } from './place'

let place: Place

beforeEach(() => {
  layOutNothing()
  Element.prototype.scrollIntoView = () => undefined
  place = new Place()
})
afterEach(cleanup)

describe('what others wrote', () => {
  const texts = (text: string) =>
    parts(text).map((one) => ('text' in one ? one.text : `[${one.sign} ${one.count}]`))
  const links = (text: string) =>
    parts(text).flatMap((one) => (one.kind === 'link' ? [[one.text, one.href]] : []))

  test('has links to the web, and to nothing else', () => {
    expect(links('ve a https://shop.example/a?b=1. javascript:alert(1) data:text/html,x')).toEqual([
      ['https://shop.example/a?b=1', 'https://shop.example/a?b=1'],
    ])
  })

  test('shows look-alike hosts as they are asked for, and no link with a user in front', () => {
    expect(links('https://аррӏе.com/x')).toEqual([
      ['https://xn--80ak6aa92e.com/x', 'https://xn--80ak6aa92e.com/x'],
    ])
    expect(links('https://bank.example@evil.example/')).toEqual([])
    expect(links('https://shop.example/\u202egnp.exe')).toEqual([])
  })

  test('tells what turns the text around or hides in it, and leaves emoji and joined scripts alone', () => {
    expect(texts('a\u202egpj.exe')).toEqual(['a', '[direction 1]', 'gpj.exe'])
    expect(texts('a\u200b\u200b\u200b\u200bb')).toEqual(['a', '[invisible 4]', 'b'])
    expect(texts('👨‍👩‍👧 می‌خواهم')).toEqual(['👨‍👩‍👧 می‌خواهم'])
  })

  test('comes in portions when it is a flood, and no character is cut in half', () => {
    const flood = '🚀'.repeat(250_000)
    const end = firstPart(flood)
    expect(end).toBeLessThan(4_000)
    expect(flood.slice(0, end).isWellFormed()).toBe(true)
    expect(firstPart('\n'.repeat(500))).toBeLessThan(40)
    expect(firstPart('short')).toBe(5)
  })
})

describe('the rows', () => {
  const log = [
    message(1),
    message(2),
    message(3, { author: 'bot', direction: 'outgoing', stretch: 1 }),
    message(4, { created_at: 900_000 }),
    message(5, { author: 'bot', direction: 'outgoing', stretch: 2, created_at: 901_000 }),
  ]

  test('of one author in a row belong together', () => {
    const rows = timeline('c1', { messages: log, events: [] }, []).flatMap((one) =>
      one.kind === 'message' ? [one.place] : [],
    )
    expect(rows).toEqual(['first', 'last', 'only', 'only', 'only'])
  })

  test('tell where the assistant begins anew', () => {
    expect(timeline('c1', { messages: log, events: [] }, []).map((one) => one.kind)).toEqual([
      'day',
      'message',
      'message',
      'message',
      'message',
      'stretch',
      'message',
    ])
  })
})

describe('one history of a customer on two channels', () => {
  const customer = { id: 'k1', name: 'Elena Prieto' }
  const web = conversation('web', { customer, last_message: { ...message(1), author_name: null } })
  const phone = conversation('phone', { customer, channel: 'whatsapp' })
  const messages = [message(1, { conversation_id: 'web' }), message(2, { conversation_id: 'phone' })]

  test('says where the customer went on, and where the agent answers', () => {
    const items = timeline('web', { messages, events: [] }, [])
    expect(items.map((one) => (one.kind === 'place' ? one.conversation_id : one.kind))).toEqual([
      'day',
      'web',
      'message',
      'phone',
      'message',
      'web',
    ])
  })

  test('has what happened where it stands in time, also long after the last words of its conversation', () => {
    const claimed = event(1, 'handoff.assigned', { conversation_id: 'web', after_message_id: 1, at: 5_000 })
    const items = timeline('web', { messages, events: [claimed] }, [])
    expect(items.map((one) => one.kind).slice(-2)).toEqual(['place', 'event'])
  })

  test('is shown in each of the conversations, with a way to the other', async () => {
    await place.opens({ conversations: [web, phone], messages })
    place.wire.answers.history = () => page(web)
    place.shows(MessageLog, { conversation: web })
    await screen.findByText('WhatsApp: otra conversación del mismo cliente')
    expect(screen.getAllByText('Web: esta conversación')).toHaveLength(2)
    expect(screen.getByText('message 2')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Abrirla: WhatsApp' }))
    expect(route.value).toMatchObject({ conversation: 'phone' })
  })
})

describe('a verdict', () => {
  const requested = event(1, 'handoff.requested', { handoff_id: 'h0' })
  const taken = event(2, 'handoff.assigned', { handoff_id: 'h0' })
  const said = event(3, 'handoff.judged', { handoff_id: 'h0', data: { verdict: 'early' } })
  const open = conversation('c1', { handoff: handoff({ id: 'h1', verdict: 'right', assignee_id: 'a2' }) })

  test('is known of the last handover and of earlier ones', () => {
    expect(judged('h0', open, [requested, taken, said])).toEqual({ verdict: 'early', by: 'Marta Rivas' })
    expect(judged('h1', open, [])).toEqual({ verdict: 'right', by: null })
    expect(judged('h0', open, [requested])).toBeNull()
  })

  test('is given by its agent, or by a supervisor', () => {
    expect(mayJudge('h0', open, [taken], marta)).toBe(true)
    expect(mayJudge('h1', open, [taken], marta)).toBe(false)
    expect(mayJudge('h1', open, [], { ...marta, role: 'supervisor' })).toBe(true)
  })
})

test('offered meanings begin with the best guesses, and are found by their words', () => {
  const taken = message(1, {
    intent_ranking: [
      { name: 'nlu_fallback', confidence: 0.4 },
      { name: 'refund', confidence: 0.3 },
    ],
  })
  const titles: Record<string, string> = { refund: 'Reembolso', complaint: 'Queja', greet: 'Saludo' }
  const all = choices(taken, ['greet', 'refund', 'complaint', 'nlu_fallback'], (one) => titles[one] ?? one)
  expect(all.map((one) => one.intent)).toEqual(['refund', 'complaint', 'greet'])
  expect(choices(taken, ['greet'], (one) => titles[one] ?? one, 'sálu').map((one) => one.intent)).toEqual([
    'greet',
  ])
})

test.each([
  [640, '640\u00a0B'],
  [12_300, '12\u00a0kB'],
  [3_440_000, '3.4\u00a0MB'],
])('%i bytes read %s', (bytes, words) => expect(sized(bytes, 'en')).toBe(words))

describe('a message', () => {
  const hostile = '<img src=x onerror=alert(1)>'

  async function shows(some: Partial<Message>, props: object = {}) {
    await place.opens({ conversations: [conversation('c1', { customer: { id: 'p', name: hostile } })] })
    return place.shows(MessageBubble, { message: message(1, some), ...props })
  }

  test('has the sign that the customer put on it, in words for whoever does not see it', async () => {
    await shows({ author: 'agent', direction: 'outgoing', reaction: '👍' })
    expect(screen.getByRole('img', { name: 'Tu cliente reaccionó con 👍' }).textContent).toContain('👍')
    cleanup()
    await shows({ reaction: '👍', deleted_at: 5 })
    expect(screen.queryByText('👍')).toBeNull()
  })

  test('and a name are text, whatever they contain', async () => {
    const { container } = await shows({ text: `${hostile}<script>alert(2)</script>` })
    expect(container.querySelector('img, script')).toBeNull()
    expect(screen.getByText(hostile)).toBeTruthy()
  })

  test('shows as a sign what was understood, and in full to whoever wants that', async () => {
    const some = { intent: { name: 'refund', confidence: 0.31 } }
    await shows(some)
    expect(screen.queryByText(/31 %/)).toBeNull()
    understanding.value = 'on'
    expect(await screen.findByText('Reembolso 31 %')).toBeTruthy()
    understanding.value = 'off'
  })

  test('that was deleted shows neither words nor files; an edited one says so', async () => {
    await shows({ text: 'secret', deleted_at: 5 })
    expect(screen.queryByText('secret')).toBeNull()
    expect(screen.getByText('El cliente eliminó este mensaje')).toBeTruthy()
    cleanup()
    await shows({ edited_at: 5 })
    expect(screen.getByText('editado')).toBeTruthy()
  })

  test('shows its files by kind and state, from our own server only', async () => {
    const stored = { name: 'a.jpg', mime: 'image/jpeg', size: 1, state: 'stored' } as const
    const attachments: Attachment[] = [
      { ...stored, id: 'f/1', kind: 'image' },
      { ...stored, id: 'f2', kind: 'voice', name: 'v.ogg' },
      { ...stored, id: 'f3', kind: 'document', name: 'x.exe', state: 'refused' },
      { kind: 'location', name: 'Casa', latitude: 19.4, longitude: -99.1 },
    ]
    const { container } = await shows({ attachments })
    const picture = await screen.findByAltText('a.jpg (ver en grande)')
    expect(picture.getAttribute('src')).toBe('/api/v1/attachments/f%2F1')
    expect(container.querySelector('audio')?.getAttribute('src')).toBe('/api/v1/attachments/f2')
    expect(screen.getByText(/No se aceptó/)).toBeTruthy()
    expect(screen.getByRole('link', { name: /OpenStreetMap/ }).getAttribute('rel')).toContain('noopener')
  })

  test('that the assistant took for something else is corrected, and the correction taken back', async () => {
    place.wire.answers.intents = () =>
      ({
        ok: true,
        intents: [
          { name: 'refund', title: null },
          { name: 'greet', title: { es: 'Saludo', en: 'Hi' } },
        ],
      }) as Answer
    const label = { intent: 'greet', agent_id: 'a1', agent_name: 'Marta Rivas', at: 1 }
    await shows({ label }, { active: true })
    expect(screen.getByText('→ greet (Marta Rivas)')).toBeTruthy()
    await fireEvent.click(screen.getByRole('button', { name: 'El asistente entendió mal' }))
    const field = await screen
      .findByRole('textbox', { name: 'Buscar intención' })
      .catch(() => screen.getByPlaceholderText('Buscar intención'))
    await userEvent.type(field, 'reemb')
    await fireEvent.click(await screen.findByRole('option', { name: /Reembolso/ }))
    await waitFor(() => expect(place.asked('label')).toEqual([{ message_id: 1, intent: 'refund' }]))
    await fireEvent.click(screen.getByRole('button', { name: 'El asistente entendió mal' }))
    await fireEvent.click(await screen.findByRole('button', { name: 'Quitar la corrección' }))
    await waitFor(() => expect(place.asked('label').at(-1)).toEqual({ message_id: 1, intent: null }))
  })
})

test('the line of a handover asks whether it was right, and shows the answer at once', async () => {
  const own = conversation('c1', {
    owner: 'agent',
    assignee_id: 'a1',
    handoff: handoff({ assignee_id: 'a1' }),
  })
  await place.opens({ conversations: [own], messages: [message(3, { created_at: 1_000 })] })
  const evidence = { rule: 'angry', rule_version: '2', values: { score: 0.87345 }, message_id: 3, text: 'NO' }
  place.shows(HandoverLine, {
    event: event(6, 'handoff.requested', {
      handoff_id: 'h1',
      at: 5_000,
      data: { reason: 'other', evidence },
    }),
    conversation: own,
  })
  expect(screen.getByText(/Regla angry, versión 2 · score: 0.87/)).toBeTruthy()
  expect(screen.getByText(/4\s+s después del mensaje/)).toBeTruthy()
  const question = await screen.findByRole('group', { name: '¿Fue correcto este traspaso?' })
  await fireEvent.click(within(question).getByRole('button', { name: 'Demasiado pronto' }))
  expect(place.asked('judge')).toEqual([{ handoff_id: 'h1', verdict: 'early' }])
})

test('what is mentioned far back is fetched, found and put into focus', async () => {
  const one = conversation('c1', { last_message: { ...message(130), author_name: null } })
  const some = (from: number) => Array.from({ length: 30 }, (_, index) => message(from + index))
  await place.opens({ conversations: [one], messages: some(101) })
  place.wire.answers.history = (data) => {
    const since = Number(data.before ?? 131) - 30
    return { ...page(one, { messages: some(since) }), since: since > 1 ? since : 0 }
  }
  place.shows(MessageLog, { conversation: one })
  jumpTo(45)
  await waitFor(() => expect((document.activeElement as HTMLElement).dataset.message).toBe('45'))
  expect(place.asked('history').map((data) => data.before)).toEqual([null, 101, 71])
})

test('the arrows lead from message to message, whose tools come with the focus', async () => {
  const one = conversation('c1')
  await place.opens({ conversations: [one], messages: [message(1), message(2)] })
  place.shows(MessageLog, { conversation: one })
  const log = screen.getByRole('log')
  log.focus()
  await fireEvent.keyDown(log, { key: 'ArrowUp' })
  expect((document.activeElement as HTMLElement).dataset.message).toBe('2')
  expect(await screen.findByRole('group', { name: 'Acciones del mensaje' })).toBeTruthy()
  await fireEvent.keyDown(document.activeElement!, { key: 'ArrowUp' })
  expect((document.activeElement as HTMLElement).dataset.message).toBe('1')
})
