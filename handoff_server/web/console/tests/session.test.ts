/** What outlives a page's session, its computer's sleep, and a second page beside it: whatever was typed. */
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { clock, setClock, tick } from '../clock'
import DueChip from '../components/DueChip.vue'
import SessionDialog from '../components/SessionDialog.vue'
import Composer from '../composer/Composer.vue'
import { createDesk } from '../desk'
import type { Answer } from '../model/protocol'
import { change, conversation, event, marta, message, snapshot } from './change'
import { Doors } from './doors'
import { layOutNothing, Place } from './place'
import { Wire } from './wire'

layOutNothing()

const HOUR = 3_600_000
const doors = new Doors().open()
const mine = conversation('c1', { owner: 'agent', assignee_id: 'a1' })
let place: Place

beforeEach(async () => {
  place = new Place()
  await place.opens({ conversations: [mine] })
  place.wire.answers.sync = () => ({ ok: true, change: change(5, 5) }) as Answer
})
afterEach(() => {
  cleanup()
  place.desk.close()
  doors.forget()
  vi.useRealTimers()
})

/** A page where something is written, and the log-in over it while the session is over. */
const Page = defineComponent({
  setup: () => () => [
    h(Composer, { conversation: mine }),
    place.desk.sessionEnded.value && h(SessionDialog, { who: marta, onResumed: place.desk.resume }),
  ],
})
const field = () => screen.getByLabelText<HTMLTextAreaElement>('Responder', { selector: 'textarea' })

test('a promise runs by the server’s time on a computer that is an hour ahead', () => {
  vi.useFakeTimers({ now: 1_000_000 + HOUR })
  setClock(1_000_000)
  const due = { promise: 'first_reply', at: 1_000_000 + 300_000, state: 'running' } as const
  const { container } = place.shows(DueChip, { due })
  expect(container.textContent).toContain('5:00')
  expect(container.textContent).not.toContain('vencida')
})

describe('an hour’s sleep', () => {
  test('is caught up with, and leaves what was being typed where it was', async () => {
    place.shows(Composer, { conversation: mine })
    await userEvent.type(field(), 'A medias')
    const missed = { messages: [message(9)], events: [event(9, 'message.received')] }
    const now = Date.now() + HOUR
    place.wire.answers.sync = () =>
      ({
        ok: true,
        change: { ...snapshot(9, { conversations: [mine], ...missed }), server_time: now },
      }) as Answer
    vi.useFakeTimers({ now, toFake: ['Date'] })
    tick()
    await waitFor(() => expect(place.desk.state.value.messages.c1?.map((one) => one.id)).toEqual([9]))
    expect([field().value, clock.value]).toEqual(['A medias', now])
  })

  test('without a connection begins with a new one', async () => {
    place.wire.lose()
    vi.useFakeTimers({ now: Date.now() + HOUR, toFake: ['Date'] })
    tick()
    await waitFor(() => expect(place.desk.online.value).toBe(true))
    expect(place.wire.doors).toEqual(['open', 'open'])
  })
})

describe('a session that has ended', () => {
  const logsIn = async (who: object) => {
    doors.answers['POST session'] = [200, { agent: who }]
    doors.answers['DELETE session'] = [204, null]
    place.wire.lose()
    place.wire.listener.sessionEnded()
    await screen.findByText('Tu sesión terminó')
    await fireEvent.update(screen.getByLabelText('Correo electrónico'), 'marta@demo.example')
    await fireEvent.update(screen.getByLabelText('Contraseña'), 'demo-demo')
    await fireEvent.submit(screen.getByLabelText('Contraseña').closest('form')!)
  }

  test('is begun anew over the page, where everything typed still is', async () => {
    place.shows(Page)
    await userEvent.type(field(), 'Le cuento que')
    await logsIn(marta)
    await waitFor(() => expect(screen.queryByText('Tu sesión terminó')).toBeNull())
    expect(field().value).toBe('Le cuento que')
    await waitFor(() =>
      expect(place.asked('draft')).toMatchObject([{ conversation_id: 'c1', text: 'Le cuento que' }]),
    )
  })

  test('is not gone on with by another account', async () => {
    place.shows(Page)
    await userEvent.type(field(), 'Le cuento que')
    await logsIn({ ...marta, id: 'a2', name: 'Jorge' })
    await screen.findByText(/Esta página es de Marta Rivas/)
    expect(place.desk.sessionEnded.value).toBe(true)
    expect(doors.asked.map(([method]) => method)).toEqual(['POST', 'DELETE'])
    expect(place.asked('draft')).toEqual([])
  })
})

test('two pages of one browser send what was written without a connection once, under one id', async () => {
  place.wire.lose()
  place.desk.say(mine, 'uno', false)
  const wire = new Wire()
  Object.assign(wire.answers, place.wire.answers)
  const other = createDesk(marta, wire.connect, localStorage, () => undefined)
  const ids: unknown[] = []
  for (const { answers } of [place.wire, wire]) {
    answers.reply = ({ client_message_id }) => {
      ids.push(client_message_id)
      return {
        ok: true,
        message: message(7, { client_message_id: String(client_message_id), author_id: 'a1' }),
      } as Answer
    }
  }
  expect(other.unsent.value.map((one) => one.text)).toEqual(['uno'])
  place.wire.comeBack()
  other.open()
  await waitFor(() => expect(place.desk.unsent.value).toEqual([]))
  await waitFor(() => expect(other.unsent.value).toEqual([]))
  other.close()
  expect(new Set(ids).size).toBe(1)
  expect(place.desk.state.value.messages.c1?.map((one) => one.id)).toEqual([7])
})

test('what is typed in one page of a browser stands in the other, and goes from both when it is sent', async () => {
  place.shows(Composer, { conversation: mine })
  const other = createDesk(marta, new Wire().connect, localStorage, () => undefined)
  const key = 'relevo.draft.a1.c1.reply'
  const isTold = () => window.dispatchEvent(new StorageEvent('storage', { key }))
  other.drafts.write('c1', 'reply', 'Desde la otra')
  isTold()
  await waitFor(() => expect(field().value).toBe('Desde la otra'))
  localStorage.removeItem(key)
  isTold()
  await waitFor(() => expect(field().value).toBe(''))
})
