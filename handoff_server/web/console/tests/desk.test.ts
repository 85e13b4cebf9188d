import { cleanup, fireEvent, render, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import AssistantBar from '../components/AssistantBar.vue'
import ConnectionBar from '../components/ConnectionBar.vue'
import ConversationPane from '../components/ConversationPane.vue'
import { createDesk, DESK, type Desk } from '../desk'
import { i18n } from '../i18n'
import type { Agent, Answer, Change, Message } from '../model/protocol'
import { change, conversation, event, marta, message, snapshot, page } from './change'
import { layOutNothing, policy } from './place'
import { Wire } from './wire'

const mine = conversation('c1', { owner: 'agent', assignee_id: 'a1', epoch: 4 })
/** Answered, and drawn. */
const settled = () => new Promise((done) => setTimeout(done, 40))

layOutNothing()

let wire: Wire
let desk: Desk
let heard: Message[]

beforeEach(async () => {
  localStorage.clear()
  wire = new Wire()
  heard = []
  let log = 100
  const first: Change = snapshot(5, { conversations: [mine], agents: [marta], messages: [message(1)] })
  wire.answers.snapshot = () => ({ ok: true, change: first, me: marta }) as Answer
  wire.answers.sync = () => ({ ok: true, change: change(5, 5) }) as Answer
  wire.answers.history = () => page(mine)
  wire.answers.reply = (data) =>
    ({
      ok: true,
      message: message(++log, {
        author: 'agent',
        author_id: 'a1',
        direction: 'outgoing',
        text: String(data.text),
        client_message_id: String(data.client_message_id),
      }),
    }) as Answer
  desk = createDesk(marta, wire.connect, localStorage, (one) => heard.push(one))
  desk.open()
  await settled()
})

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('the outbox of a desk', () => {
  test('what is written without a connection leaves afterwards, once and in order', async () => {
    wire.lose()
    desk.say(mine, 'uno', false)
    desk.say(mine, 'dos', false)
    expect(desk.unsent.value.map((one) => one.text)).toEqual(['uno', 'dos'])
    wire.comeBack()
    await settled()
    expect(wire.sent()).toEqual(['uno', 'dos'])
    expect(desk.unsent.value).toEqual([])
    expect(desk.state.value.messages.c1?.map((one) => one.text)).toEqual(['message 1', 'uno', 'dos'])
  })

  test('a fresh snapshot does not erase what is on its way', async () => {
    wire.lose()
    desk.say(mine, 'uno', false)
    wire.answers.reply = () => ({ ok: false, error: { code: 'overloaded', message: '', retry_after: 60 } })
    wire.answers.sync = wire.answers.snapshot!
    wire.comeBack()
    await settled()
    expect(desk.unsent.value.map((one) => one.text)).toEqual(['uno'])
  })

  test('a refused message stays with its reason, and goes again under the epoch that holds now', async () => {
    const accept = wire.answers.reply!
    wire.answers.reply = () => ({ ok: false, error: { code: 'stale_epoch', message: '' } })
    desk.say(mine, 'uno', false)
    await settled()
    expect(desk.unsent.value[0]?.failed).toBe('stale_epoch')
    wire.listener.changed(change(5, 6, { conversations: [{ ...mine, epoch: 9 }] }))
    await settled()
    wire.answers.reply = accept
    desk.sendAgain(desk.unsent.value[0]!)
    await settled()
    expect(wire.asked.at(-1)?.[1].epoch).toBe(9)
    expect(desk.unsent.value).toEqual([])
  })

  test('a fault of the server at one message does not hold up the next', async () => {
    wire.comeBack()
    await settled()
    wire.answers.reply = ({ text }) =>
      text === 'one'
        ? { ok: false, error: { code: 'internal', message: '' } }
        : { ok: true, message: message(9, { author: 'agent', author_id: 'a1' }) }
    desk.say(mine, 'one', false)
    desk.say(mine, 'two', false)
    await settled()
    expect(wire.sent()).toEqual(['one', 'two'])
    expect(desk.unsent.value.find((one) => one.text === 'one')?.failed).toBe('internal')
  })

  test('the acknowledgement may be lost: the message in the log settles it', async () => {
    wire.answers.reply = () => ({ ok: false, error: { code: 'unreachable', message: '' } })
    desk.say(mine, 'uno', false)
    await settled()
    const { client_message_id } = desk.unsent.value[0]!
    wire.listener.changed(change(5, 6, { messages: [message(7, { client_message_id, author_id: 'a1' })] }))
    await settled()
    expect(desk.unsent.value).toEqual([])
  })
})

test('after a new log-in the socket is opened anew, and what waited leaves', async () => {
  wire.lose()
  desk.say(mine, 'uno', false)
  wire.listener.sessionEnded()
  expect(desk.sessionEnded.value).toBe(true)
  desk.resume()
  await settled()
  expect(desk.sessionEnded.value).toBe(false)
  expect(wire.doors).toEqual(['open', 'close', 'open'])
  expect(wire.sent()).toEqual(['uno'])
})

test('a lost claim says who was first', async () => {
  wire.answers.claim = () => ({
    ok: false,
    error: { code: 'already_claimed', message: '', by: 'Jorge Salas' },
  })
  expect(await desk.move(conversation('c2'), 'claim')).toBe(false)
  expect(desk.notice.value).toMatchObject({ code: 'already_claimed', by: 'Jorge Salas' })
})

test('new messages of others are announced, changes of old ones and own words are not', async () => {
  const received = event(6, 'message.received')
  wire.listener.changed(change(5, 6, { messages: [message(8)], events: [received] }))
  wire.listener.changed(change(6, 7, { messages: [message(8)], events: [event(7, 'message.updated')] }))
  const own = message(9, { author: 'agent', author_id: 'a1', direction: 'outgoing' })
  wire.listener.changed(change(7, 8, { messages: [own], events: [event(8, 'message.sent')] }))
  await settled()
  expect(heard.map((one) => one.id)).toEqual([8])
})

test('typing is forgotten after six seconds', async () => {
  vi.useFakeTimers()
  wire.listener.typing({ conversation_id: 'c1', author: 'customer' })
  expect(desk.typing.has('c1')).toBe(true)
  vi.advanceTimersByTime(6001)
  expect(desk.typing.has('c1')).toBe(false)
})

describe('the conversation on the page', () => {
  async function open() {
    const Page = defineComponent({
      setup: () => () =>
        h(ConversationPane, { conversation: desk.state.value.conversations.c1!, contextShown: false }),
    })
    const page = render(Page, { global: { plugins: [i18n], provide: { [DESK as symbol]: desk } } })
    await screen.findByRole('textbox')
    return page
  }

  beforeEach(() => {
    i18n.global.locale.value = 'es'
  })

  test('Enter sends, Shift + Enter breaks the line, and the draft goes with the message', async () => {
    await open()
    const field = screen.getByRole('textbox', { name: 'Responder' })
    await userEvent.type(field, 'uno{Shift>}{Enter}{/Shift}dos')
    expect(desk.drafts.read('c1', 'reply')).toBe('uno\ndos')
    await userEvent.type(field, '{Enter}')
    await settled()
    expect(wire.sent()).toEqual(['uno\ndos'])
    expect(desk.drafts.read('c1', 'reply')).toBe('')
  })

  test('a private note goes out as one, also where the reply is closed', async () => {
    wire.listener.changed(change(5, 6, { conversations: [{ ...mine, owner: 'queue', assignee_id: null }] }))
    await settled()
    await open()
    expect((screen.getByRole('textbox') as HTMLTextAreaElement).disabled).toBe(true)
    await userEvent.click(screen.getByRole('button', { name: 'Nota privada' }))
    await userEvent.type(screen.getByRole('textbox'), 'ojo{Enter}')
    expect(wire.asked.findLast(([name]) => name === 'reply')?.[1]).toMatchObject({
      text: 'ojo',
      private: true,
    })
  })

  test('markup in a message is text', async () => {
    wire.listener.changed(change(5, 6, { messages: [message(2, { text: '<img src=x onerror=alert(1)>' })] }))
    await settled()
    const { container } = await open()
    expect(container.querySelector('img')).toBeNull()
    screen.getByText('<img src=x onerror=alert(1)>')
  })

  test('what this page does not know yet is shown neutrally', async () => {
    const strange = message(2, {
      delivery: 'teleported' as 'sent',
      author: 'oracle' as 'bot',
      direction: 'outgoing',
      sentiment: { label: 'wistful', score: null },
      attachments: [
        { id: 'f1', kind: 'hologram' as 'image', name: 'h.bin', mime: 'x/y', size: 9, state: 'stored' },
      ],
      ...{ smell: ['of rain'] },
    })
    wire.listener.changed(
      change(5, 6, {
        conversations: [{ ...mine, owner: 'agent', channel: 'pigeon' }],
        messages: [strange],
        events: [event(6, 'handoff.blessed', { after_message_id: 2 })],
      }),
    )
    await settled()
    await open()
    screen.getByText('Cambio en la conversación (handoff.blessed)')
    screen.getByText(/pigeon/)
    screen.getByText('message 2')
    await screen.findByText('h.bin')
  })

  test('returning needs a note, and passes it on', async () => {
    await open()
    await userEvent.click(screen.getByRole('button', { name: 'Más acciones' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: /Devolver al asistente/ }))
    await userEvent.click(await screen.findByRole('button', { name: 'Devolver' }))
    screen.getByText(/Escribe qué quedó acordado/)
    await fireEvent.update(screen.getByRole('textbox', { name: '¿Qué quedó acordado?' }), 'Reenvío mañana')
    await userEvent.click(screen.getByRole('button', { name: 'Devolver' }))
    await nextTick()
    expect(wire.asked.at(-1)).toEqual(['return', { conversation_id: 'c1', epoch: 4, note: 'Reenvío mañana' }])
  })

  test.each([
    ['system', null, 'agent', true],
    ['agent', 'a1', 'agent', true],
    ['agent', 'a2', 'agent', false],
    ['bot', null, 'agent', false],
    ['system', null, 'queue', false],
  ] as const)('failed words of %s (%s) in a conversation of %s can be sent again: %s', async (...given) => {
    const [author, author_id, owner, may] = given
    const failed = message(2, { author, author_id, direction: 'outgoing', delivery: 'failed' })
    const held = { ...mine, owner, assignee_id: owner === 'agent' ? 'a1' : null }
    wire.listener.changed(change(5, 6, { conversations: [held], messages: [failed] }))
    await settled()
    await open()
    const again = screen.queryByRole('button', { name: 'Reintentar' })
    expect(again !== null).toBe(may)
    if (!again) return
    await userEvent.click(again)
    expect(wire.asked.at(-1)).toEqual(['retry', { message_id: 2 }])
  })

  test('an answer about the past that a new snapshot has overtaken is asked for once more', async () => {
    let answer: (value: Answer) => void = () => undefined
    wire.answers.history = () => new Promise((done) => (answer = done)) as never
    const away = conversation('c9', { last_message: { ...message(3), author_name: null } })
    const loaded = desk.loadHistory(away, false)
    wire.answers.sync = () => ({ ok: true, change: snapshot(50, { agents: [marta] }) }) as Answer
    wire.listener.changed(change(30, 40))
    await settled()
    const past = (owner: 'queue' | 'bot') => ({ conversations: [{ ...away, owner }], messages: [message(3)] })
    const told = (owner: 'queue' | 'bot') => page(away, past(owner))
    wire.answers.history = () => told('bot')
    answer(told('queue'))
    await loaded
    expect(desk.state.value.conversations.c9?.owner).toBe('bot')
  })

  test('axe finds nothing to mend', async () => {
    const { container } = await open()
    const found = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } })
    expect(found.violations.map((one) => one.id)).toEqual([])
  })
})

describe('a server that does not keep up', () => {
  const putOff = () => ({ ok: false, error: { code: 'overloaded', message: '', retry_after: 2 } }) as Answer
  const after = (ms: number) => vi.advanceTimersByTimeAsync(ms)

  beforeEach(() => vi.useFakeTimers())

  test('is called slow after two seconds without an answer, and no longer with the answer', async () => {
    let answer: (value: Answer) => void = () => undefined
    wire.answers.release = () => new Promise((done) => (answer = done)) as never
    const moved = desk.move(mine, 'release')
    await after(1_900)
    expect(desk.slow.value).toBe(false)
    await after(200)
    expect(desk.slow.value).toBe(true)
    answer({ ok: true } as Answer)
    expect(await moved).toBe(true)
    expect(desk.slow.value).toBe(false)
  })

  test('keeps what was written and gets it again when it wants to', async () => {
    const well = wire.answers.reply!
    wire.answers.reply = putOff
    desk.say(mine, 'uno', false)
    desk.say(mine, 'dos', false)
    await after(100)
    expect(desk.slow.value).toBe(true)
    expect(desk.unsent.value.map((one) => [one.text, one.failed])).toEqual([
      ['uno', null],
      ['dos', null],
    ])
    wire.answers.reply = well
    await after(1_000)
    expect(wire.sent()).toEqual(['uno'])
    await after(1_000)
    expect(wire.sent()).toEqual(['uno', 'uno', 'dos'])
    expect(desk.unsent.value).toEqual([])
    expect(desk.slow.value).toBe(false)
  })

  test('is called slow only until it answers again, although nobody asks anything more', async () => {
    wire.answers.presence = putOff
    expect(await desk.setPresence('away')).toBe(false)
    expect(desk.notice.value?.code).toBe('overloaded')
    expect(desk.slow.value).toBe(true)
    await after(2_000)
    expect(desk.slow.value).toBe(false)
  })

  const claims = () => wire.asked.filter(([name]) => name === 'claim')

  test('gets a move again until it is made, and no notice of it is shown', async () => {
    wire.answers.claim = putOff
    const moved = desk.move(mine, 'claim')
    await after(3_900)
    expect([claims().length, desk.loading.has('c1'), desk.notice.value]).toEqual([2, true, null])
    delete wire.answers.claim
    await after(200)
    expect([await moved, desk.loading.has('c1'), desk.notice.value]).toEqual([true, false, null])
    expect(new Set(claims().map(([, data]) => data.epoch))).toEqual(new Set([4]))
  })

  test('is not asked for a move for ever', async () => {
    wire.answers.claim = putOff
    const moved = desk.move(mine, 'claim')
    await after(60_000)
    expect([await moved, claims().length, desk.notice.value?.code]).toEqual([false, 5, 'overloaded'])
  })

  test.each([
    ['a1', 'agent', true, undefined],
    ['a2', 'agent', false, 'stale_epoch'],
  ] as const)('that has made a move after all is believed (%s)', async (assignee_id, owner, made, code) => {
    const queued = { ...mine, owner: 'queue' as const, assignee_id: null }
    const stale = { ok: false, error: { code: 'stale_epoch', message: '' } } as Answer
    wire.answers.claim = () => (claims().length > 1 ? stale : putOff())
    const now = change(5, 6, { conversations: [{ ...mine, owner, assignee_id, epoch: 5 }] })
    wire.answers.sync = () => ({ ok: true, change: now }) as Answer
    const moved = desk.move(queued, 'claim')
    await after(2_100)
    expect([await moved, desk.notice.value?.code]).toEqual([made, code])
  })

  test('is not slow but away when the connection is lost', async () => {
    wire.answers.presence = putOff
    await desk.setPresence('away')
    wire.lose()
    expect([desk.online.value, desk.slow.value]).toEqual([false, false])
    wire.comeBack()
    await after(0)
    expect([desk.online.value, desk.slow.value]).toEqual([true, false])
  })

  test.each(['es', 'en'] as const)('is told in words, not by colour alone (%s)', async (language) => {
    i18n.global.locale.value = language
    const words = { es: 'Lento', en: 'Slow' }[language]
    vi.useRealTimers()
    render(ConnectionBar, {
      props: { state: 'slow' },
      global: { plugins: [i18n], provide: { [DESK as symbol]: desk } },
    })
    expect(screen.getByRole('status').textContent).toContain(words)
    expect(screen.queryByRole('button')).toBeNull()
  })
})

test('what supervisors decide comes by itself, and with what was missed', async () => {
  wire.handlers.policy!({ ...policy, version: '2' } as never)
  expect(desk.policy.value.version).toBe('2')
  wire.answers.sync = () => ({ ok: true, change: change(5, 5), policy }) as Answer
  desk.refresh()
  await settled()
  expect(desk.policy.value).toEqual(policy)
  wire.lose()
  desk.refresh()
  expect(wire.asked.filter(([name]) => name === 'sync')).toHaveLength(1)
})

describe('an assistant that is down', () => {
  const banner = (role: Agent['role'], language: 'es' | 'en') => {
    i18n.global.locale.value = language
    wire.listener.changed(change(5, 6, { agents: [{ ...marta, role }] }))
    return render(AssistantBar, { global: { plugins: [i18n], provide: { [DESK as symbol]: desk } } })
  }

  test.each([
    ['supervisor', 'es', 'El asistente no responde'],
    ['admin', 'en', 'The assistant is not answering'],
    ['agent', 'es', null],
  ] as const)('is told to a %s (%s), and that it is back', async (role, language, words) => {
    banner(role, language)
    expect(screen.queryByRole('status')).toBeNull()
    wire.listener.assistantIs('down')
    await nextTick()
    expect(screen.queryByRole('status')?.textContent?.includes(words ?? '') ?? null).toBe(words && true)
    wire.listener.assistantIs('up')
    await nextTick()
    expect(screen.queryByRole('status')).toBeNull()
  })

  test('is told by the snapshot and by what catches up too', async () => {
    wire.answers.sync = () => ({ ok: true, change: change(5, 5), assistant: 'down' }) as Answer
    wire.lose()
    wire.comeBack()
    await settled()
    expect(desk.assistantDown.value).toBe(true)
  })
})
