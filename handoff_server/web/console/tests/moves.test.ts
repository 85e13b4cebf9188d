import { cleanup, screen, waitFor, within } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import ConversationPane from '../components/ConversationPane.vue'
import Inbox from '../components/Inbox.vue'
import MessageBubble from '../components/MessageBubble.vue'
import OfferBar from '../components/OfferBar.vue'
import { moves } from '../model/permission'
import { receivers, room } from '../model/receiver'
import { snoozeUntil, untilWritten } from '../model/snooze'
import type { Agent, Answer, Conversation } from '../model/protocol'
import { route, show } from '../router'
import { change, conversation, handoff, marta, message } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()

const jorge: Agent = { ...marta, id: 'a2', name: 'Jorge Paz', role: 'supervisor', load: 3 }
const ana: Agent = { ...marta, id: 'a3', name: 'Ana Soto', presence: 'away' }
const mine = conversation('c1', {
  owner: 'agent',
  assignee_id: 'a1',
  epoch: 4,
  handoff: handoff({ status: 'assigned', assignee_id: 'a1' }),
})
let place: Place

beforeEach(() => {
  place = new Place()
})
afterEach(cleanup)

/** The pane of a conversation as it stands on the desk, with what it tells the page around it. */
async function opens(one: Conversation, who: Agent = marta) {
  await place.opens({ conversations: [one], agents: [marta, jorge, ana, who] }, who)
  return place.shows(ConversationPane, { conversation: one, contextShown: false })
}

describe('what an agent may do', () => {
  const hers = conversation('c', { owner: 'agent', assignee_id: 'a9' })
  const offered = conversation('c', { handoff: handoff({ offered_to: 'a1' }) })

  test('with what is offered: accept or pass; to others it is shut, but not to a supervisor', () => {
    expect(moves(offered, marta)).toEqual(['claim', 'decline'])
    expect(moves(offered, { ...marta, id: 'a3' })).toEqual([])
    expect(moves(offered, jorge)).toEqual(['claim', 'transfer', 'block'])
  })

  test('with what is asleep: wake it, or anything that can be done with one that is awake', () => {
    expect(moves({ ...mine, snoozed_until: 9 }, marta)).toEqual(['wake', ...moves(mine, marta)])
  })

  test('a supervisor passes on and blocks what is a colleague’s', () => {
    expect(moves(hers, jorge)).toEqual(['take_over', 'transfer', 'block'])
    expect(moves({ ...hers, blocked_at: 1 }, jorge)).toEqual(['take_over', 'transfer', 'unblock'])
  })

  test('who resolved it completes it later', () => {
    const over = conversation('c', {
      owner: 'bot',
      handoff: handoff({ status: 'resolved', assignee_id: 'a1' }),
    })
    expect(moves(over, marta)).toEqual(['take_over', 'wrap_up'])
    expect(moves(over, ana)).toEqual(['take_over'])
  })
})

test('to whom one can pass it on: those who are there first, then those with most room; never a designer or who has left', () => {
  const tomas: Agent = { ...marta, id: 'a4', name: 'Tomás', role: 'designer' }
  const found = receivers(
    [
      ana,
      jorge,
      tomas,
      { ...jorge, id: 'a6', removed: true },
      { ...marta, id: 'a5', name: 'Eva', load: 1 },
      marta,
    ],
    mine,
  )
  expect(found.map((one) => one.name)).toEqual(['Eva', 'Jorge Paz', 'Ana Soto'])
  expect(room({ ...jorge, load: 6 })).toBeLessThan(0)
})

test('a nap ends in an hour, tomorrow at nine, or when the customer writes', () => {
  const night = new Date(2026, 11, 31, 23, 30).getTime()
  expect(snoozeUntil('hour', night)).toBe(night + 3_600_000)
  expect(new Date(snoozeUntil('tomorrow', night)!).toString()).toContain('Jan 01 2027 09:00:00')
  expect(snoozeUntil('written', night)).toBeNull()
  expect([untilWritten(night), untilWritten(2 ** 53 - 1)]).toEqual([false, true])
})

describe('transferring', () => {
  test('asks to whom and why before it lets go', async () => {
    const user = userEvent.setup()
    const { emitted } = await opens(mine)
    await user.click(screen.getByRole('button', { name: /Transferir/ }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }))
    expect(within(dialog).getByRole('alert').textContent).toContain('Elige')
    expect(within(dialog).getByRole<HTMLInputElement>('radio', { name: /Ana Soto/ }).disabled).toBe(true)
    await user.click(within(dialog).getByRole('radio', { name: /Jorge Paz.*3\/4/ }))
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }))
    expect(within(dialog).getByRole('alert').textContent).toContain('Escribe')
    expect(place.asked('transfer')).toEqual([])
    expect((await axe.run(dialog)).violations).toEqual([])

    await user.type(within(dialog).getByRole('textbox'), ' Falta el reembolso ')
    place.wire.answers.transfer = () => {
      const gone = { ...mine, assignee_id: 'a2', epoch: 5 }
      place.wire.listener.changed(change(5, 6, { conversations: [gone] }))
      return { ok: true } as Answer
    }
    await user.click(within(dialog).getByRole('button', { name: 'Transferir' }))
    expect(place.asked('transfer')).toEqual([
      { conversation_id: 'c1', epoch: 4, agent_id: 'a2', note: 'Falta el reembolso' },
    ])
    expect(screen.queryByRole('dialog')).toBeNull()
    expect(emitted().left).toBeUndefined()
  })

  test('a supervisor assigns what waits, to a team too', async () => {
    const user = userEvent.setup()
    await opens(conversation('c1', { handoff: handoff() }), jorge)
    await user.click(screen.getByRole('button', { name: /Asignar/ }))
    const dialog = await screen.findByRole('dialog')
    expect(within(dialog).queryByRole('radio', { name: /Atención/ })).toBeNull()
    await user.click(within(dialog).getByRole('radio', { name: /Pagos.*Cerrado/ }))
    await user.type(within(dialog).getByRole('textbox'), 'Es de pagos')
    await user.click(within(dialog).getByRole('button', { name: 'Asignar' }))
    expect(place.asked('transfer')[0]).toMatchObject({ team: 'payments', note: 'Es de pagos' })
  })
})

test('what is put aside is left for the next one', async () => {
  const user = userEvent.setup()
  const { emitted, rerender } = await opens(mine)
  await user.click(screen.getByRole('button', { name: 'Posponer' }))
  await user.click(await screen.findByRole('menuitem', { name: /Hasta que el cliente escriba/ }))
  expect(place.asked('snooze')).toEqual([{ conversation_id: 'c1', epoch: 4, until: null }])
  await rerender({ conversation: { ...mine, snoozed_until: 2 ** 53 - 1 } })
  expect(emitted().left).toHaveLength(1)
  expect(screen.getByText(/Pospuesta hasta que el cliente escriba/)).toBeTruthy()
})

test('who turns to another list before the server has answered stays there', async () => {
  const user = userEvent.setup()
  await place.opens({ conversations: [mine], agents: [marta] })
  show('mine', 'c1')
  place.shows(Inbox)
  let answers!: (answer: Answer) => void
  place.wire.answers.snooze = () => new Promise((done) => (answers = done)) as unknown as Answer
  await user.click(await screen.findByRole('button', { name: 'Posponer' }))
  await user.click(await screen.findByRole('menuitem', { name: /Hasta que el cliente escriba/ }))
  await user.click(screen.getByRole('tab', { name: /Pospuestas/ }))
  const asleep = { ...mine, snoozed_until: 2 ** 53 - 1 }
  place.wire.listener.changed(change(5, 6, { conversations: [asleep] }))
  answers({ ok: true })
  await waitFor(() => expect(route.value).toEqual({ page: 'inbox', tab: 'snoozed', conversation: null }))
  const panel = screen.getByRole('tabpanel', { name: /Pospuestas/ })
  expect(within(panel).getAllByRole('button')).toHaveLength(1)
})

describe('after resolving', () => {
  const over = (some = {}) => ({
    ...mine,
    owner: 'bot' as const,
    assignee_id: null,
    epoch: 5,
    handoff: handoff({ status: 'resolved', assignee_id: 'a1', disposition: 'gone', ...some }),
  })

  async function resolves(user: ReturnType<typeof userEvent.setup>) {
    const pane = await opens(mine)
    await user.click(screen.getByRole('button', { name: /Resolver/ }))
    const dialog = await screen.findByRole('dialog')
    await user.click(within(dialog).getByRole('radio', { name: 'Se fue' }))
    await user.click(within(dialog).getByRole('radio', { name: 'Sí, pero antes' }))
    await user.click(within(dialog).getByRole('checkbox'))
    await user.click(within(dialog).getByRole('button', { name: 'Resolver' }))
    return pane
  }

  test('one goes on to the next, having said how it ended and whether a person was needed', async () => {
    const { emitted, rerender } = await resolves(userEvent.setup())
    expect(place.asked('resolve')).toEqual([])
    place.desk.undo.carryOut()
    expect(place.asked('resolve')).toEqual([
      { conversation_id: 'c1', epoch: 4, disposition: 'gone', verdict: 'late', asked_again: true },
    ])
    expect(emitted().left).toBeUndefined()
    await rerender({ conversation: over({ wrapped_at: 9 }) })
    expect(emitted().left).toHaveLength(1)
  })

  test('one stays while time is set aside to write it up', async () => {
    const user = userEvent.setup()
    const { emitted, rerender } = await resolves(user)
    await rerender({ conversation: over({ wrap_up_until: 60_000 }) })
    const form = screen.getByRole('form', { name: /Cierre/ })
    expect(emitted().left).toBeUndefined()
    await waitFor(() => expect(document.activeElement?.textContent).toContain('Cierre'))
    await user.selectOptions(within(form).getByRole('combobox'), 'Resuelto')
    await user.type(within(form).getByRole('textbox'), 'Llega el viernes')
    await user.click(within(form).getByRole('radio', { name: 'No' }))
    expect((await axe.run(form)).violations).toEqual([])
    await user.click(within(form).getByRole('button', { name: 'Listo' }))
    expect(place.asked('wrap_up')).toEqual([
      {
        handoff_id: 'h1',
        disposition: 'solved',
        asked_again: false,
        note: 'Llega el viernes',
        verdict: 'needless',
      },
    ])
    expect(emitted().left).toHaveLength(1)
  })
})

test('what was begun to be written up stays when its time is over', async () => {
  const user = userEvent.setup()
  const due = handoff({ status: 'resolved', assignee_id: 'a1', disposition: 'solved', wrap_up_until: 60_000 })
  const over = conversation('c1', { owner: 'bot', handoff: due })
  const { rerender, emitted } = await opens(over)
  const wrapped = { ...over, handoff: { ...due, wrapped_at: 60_000, wrap_up_until: null } }
  await user.type(screen.getByRole('textbox', { name: /Nota/ }), 'Llega')
  await rerender({ conversation: wrapped })
  expect(screen.getByDisplayValue('Llega')).toBeTruthy()
  await user.click(screen.getByRole('button', { name: 'Listo' }))
  expect(place.asked('wrap_up')[0]).toMatchObject({ note: 'Llega' })
  expect(screen.queryByRole('form', { name: /Cierre/ })).toBeNull()
  expect(emitted().left).toHaveLength(1)
})

test('nobody is blocked by a slip, and unblocking needs no second thought', async () => {
  const user = userEvent.setup()
  const { rerender } = await opens(mine)
  const chooses = async (name: string) => {
    await user.click(screen.getByRole('button', { name: 'Más acciones' }))
    await user.click(await screen.findByRole('menuitem', { name }))
  }
  await chooses('Bloquear al cliente')
  expect(place.asked('block')).toEqual([])
  await user.click(
    within(await screen.findByRole('dialog')).getByRole('button', { name: 'Bloquear al cliente' }),
  )
  expect(place.asked('block')).toEqual([{ conversation_id: 'c1', blocked: true }])
  await rerender({ conversation: { ...mine, blocked_at: 5 } })
  expect(screen.getByText('Cliente bloqueado')).toBeTruthy()
  await chooses('Desbloquear al cliente')
  expect(place.asked('block')[1]).toEqual({ conversation_id: 'c1', blocked: false })
})

test('a supervisor’s note beside a colleague’s conversation is a whisper', async () => {
  const user = userEvent.setup()
  await opens(mine, jorge)
  await user.click(await screen.findByRole('button', { name: 'Susurrar' }))
  expect(screen.getByPlaceholderText(/Marta Rivas y tu equipo/)).toBeTruthy()
})

test('a whisper is marked as one, a supervisor’s note in an own conversation is not', async () => {
  const note = message(3, {
    private: true,
    direction: 'outgoing',
    author: 'agent',
    author_id: 'a2',
    author_name: 'Jorge',
  })
  const shows = async (servedBy: string) => {
    const one = { ...mine, handoff: handoff({ assignee_id: servedBy }) }
    await place.opens({ conversations: [one], agents: [marta, jorge], messages: [note] })
    place.shows(MessageBubble, { message: note })
    const marked = screen.queryByText('Susurro') !== null
    cleanup()
    return marked
  }
  expect([await shows('a1'), await shows('a2')]).toEqual([true, false])
})

describe('an offer', () => {
  const offered = conversation('c7', {
    handoff: handoff({ offered_to: 'a1', offered_until: 30_000, team: 'payments', priority: 'urgent' }),
  })

  async function isOffered() {
    await place.opens({ conversations: [offered, mine] })
    return place.shows(OfferBar, { conversation: offered, more: 1 })
  }

  test('is on the desk of the one who is asked, and announced once', async () => {
    const { emitted, container } = await isOffered()
    expect(place.desk.offers.value).toEqual([offered])
    expect(emitted().announce).toEqual([
      [
        'Te ofrecemos la conversación de Elena Prieto. Pagos · Pidió una persona · español. T la atiende, X la deja pasar.',
      ],
    ])
    expect(screen.getByText(/y 1 más/)).toBeTruthy()
    expect((await axe.run(container)).violations).toEqual([])
  })

  test('is taken with T and let pass with X', async () => {
    const user = userEvent.setup()
    const { emitted } = await isOffered()
    await user.keyboard('x')
    await nextTick()
    expect(place.asked('decline')).toEqual([{ conversation_id: 'c7', epoch: 1 }])
    await user.keyboard('t')
    await nextTick()
    expect(place.asked('claim')).toEqual([{ conversation_id: 'c7', epoch: 1 }])
    await waitFor(() => expect(emitted().accepted).toEqual([['c7']]))
  })

  test('comes back, with the reason, when it could not be taken', async () => {
    const user = userEvent.setup()
    const { emitted } = await isOffered()
    place.wire.answers.claim = () => ({
      ok: false,
      error: { code: 'offered_elsewhere', message: '', by: 'Jorge Paz' },
    })
    await user.click(screen.getByRole('button', { name: /Atender/ }))
    expect(emitted().accepted).toEqual([['c7']])
    expect(place.desk.notice.value).toMatchObject({ by: 'Jorge Paz', about: 'Elena Prieto' })
    expect(place.desk.state.value.conversations.c7?.owner).toBe('queue')
  })
})
