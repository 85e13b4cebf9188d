import { cleanup, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import Alerts from '../alerts/Alerts.vue'
import { alerts, couldTake, pressing } from '../model/alert'
import { isQuiet } from '../model/quiet'
import { apply, type State } from '../model/state'
import { onlyHidden, quietHours, repeat, soundEvents, sounds, SOUND_EVENTS } from '../preferences'
import { route, show } from '../router'
import { change, conversation, event, handoff, marta, message, snapshot } from './change'
import { layOutNothing, Place, policy } from './place'

const rung: string[] = []
let audible = true
vi.mock('../sound', () => ({
  ring: (event: string) => rung.push(event),
  canSound: () => audible,
  allowSound: () => (audible = true),
}))

layOutNothing()

const mine = conversation('c1', { owner: 'agent', assignee_id: 'a1' })
const waits = conversation('c2', { handoff: handoff() })
const jorge = { kind: 'agent' as const, id: 'a2', name: 'Jorge Salas' }
const last = (id: number) => message(id) as never

describe('what concerns an agent', () => {
  const start = apply(
    { seq: 0 } as State,
    snapshot(5, {
      conversations: [{ ...mine, last_message: last(3) }],
      agents: [marta],
      messages: [message(3)],
    }),
  )
  const after = (some: object) => alerts(start, apply(start, change(5, 6, some)), marta, policy)
  const kinds = (some: object) => after(some).map((one) => one.event)

  test('who comes into the queue and could be taken; not what others have, nor what a team offers in turn', () => {
    expect(kinds({ conversations: [waits] })).toEqual(['queued'])
    expect(kinds({ conversations: [{ ...waits, owner: 'agent', assignee_id: 'a2' }] })).toEqual([])
    expect(kinds({ conversations: [{ ...waits, handoff: handoff({ team: 'payments' }) }] })).toEqual([])
    expect(kinds({ conversations: [{ ...waits, handoff: handoff({ offered_to: 'a2' }) }] })).toEqual([])
    const busy = { ...marta, load: 4 }
    expect(
      [marta, busy, { ...marta, presence: 'away' as const }].map((me) => couldTake(waits, me, policy)),
    ).toEqual([true, false, false])
    expect(couldTake({ ...waits, handoff: handoff({ skill: 'health' }) }, marta, policy)).toBe(false)
  })

  test('what is offered or given to one, also with old messages; not what one takes oneself', () => {
    const given = { ...waits, owner: 'agent' as const, assignee_id: 'a1', last_message: last(2) }
    const assigned = (actor: object) =>
      event(6, 'handoff.transferred', { conversation_id: 'c2', actor: actor as never })
    expect(kinds({ conversations: [given], events: [assigned(jorge)] })).toEqual(['assigned'])
    expect(kinds({ conversations: [given], events: [assigned({ ...jorge, id: 'a1' })] })).toEqual([])
    expect(
      kinds({ conversations: [{ ...waits, handoff: handoff({ offered_to: 'a1', team: 'payments' }) }] }),
    ).toEqual(['assigned'])
  })

  test('what customers write in one’s own, and notes that call one', () => {
    const now = { ...mine, last_message: last(4), unread: 1 }
    expect(kinds({ conversations: [now], messages: [message(4)] })).toEqual(['message'])
    expect(kinds({ conversations: [now], messages: [message(4, { author: 'bot' })] })).toEqual([])
    const note = (some: object) => message(4, { author: 'agent', author_id: 'a2', private: true, ...some })
    expect(kinds({ conversations: [now], messages: [note({ mentions: ['a1'] })] })).toEqual(['mention'])
    expect(kinds({ conversations: [now], messages: [note({ mentions: ['a3'] })] })).toEqual([])
  })

  test('a note that calls one in a conversation not heard of before; not one that was there already', () => {
    const theirs = { ...waits, owner: 'agent' as const, assignee_id: 'a2' }
    const calls = (id: number) =>
      message(id, {
        conversation_id: 'c2',
        author: 'agent',
        author_id: 'a2',
        private: true,
        mentions: ['a1'],
      })
    expect(kinds({ conversations: [theirs], messages: [calls(4)] })).toEqual(['mention'])
    expect(kinds({ conversations: [theirs], messages: [calls(2)] })).toEqual([])
  })

  test('nothing that a console starts with or asks for itself', () => {
    expect(alerts({ ...start, seq: 0 }, start, marta, policy)).toEqual([])
    const asked = { ...start, conversations: { ...start.conversations, c2: waits } }
    expect(alerts(start, asked, marta, policy)).toEqual([])
  })

  test('what presses is offered, can be taken, or is unread', () => {
    const offered = { ...waits, handoff: handoff({ offered_to: 'a1', team: 'payments' }) }
    const others = { ...waits, handoff: handoff({ offered_to: 'a2' }) }
    expect(pressing([waits, offered, others], [mine, { ...mine, unread: 2 }], marta, policy)).toBe(3)
  })
})

test('quiet hours may go over midnight', () => {
  const at = (hour: number) => new Date(2026, 0, 1, hour, 30)
  const night = { from: '22:00', until: '07:00' }
  expect([21, 22, 3, 7].map((hour) => isQuiet(night, at(hour)))).toEqual([false, true, true, false])
  expect([8, 9, 12].map((hour) => isQuiet({ from: '09:00', until: '10:00' }, at(hour)))).toEqual([
    false,
    true,
    false,
  ])
  expect(isQuiet(null, at(3))).toBe(false)
})

describe('the page', () => {
  /** The browser's locks, as far as one page needs them: nobody else asks for any. */
  const held = new Set<string>()
  const shown: { title: string; tag: string; body: string; click: () => void }[] = []
  let place: Place
  let inFront = true
  let leads = true

  beforeEach(async () => {
    rung.length = shown.length = 0
    held.clear()
    inFront = leads = audible = true
    sounds.value = 'on'
    soundEvents.value = [...SOUND_EVENTS]
    onlyHidden.value = repeat.value = 'off'
    quietHours.value = null
    document.hasFocus = () => inFront
    Object.defineProperty(navigator, 'locks', {
      configurable: true,
      value: {
        request: (name: string, _options: object, run: () => Promise<void>) => {
          if (name.endsWith('leader') && !leads) return new Promise(() => undefined)
          held.add(name)
          return run().then(() => held.delete(name))
        },
        query: async () => ({ held: [...held].map((name) => ({ name })) }),
      },
    })
    vi.stubGlobal(
      'Notification',
      class {
        static permission = 'granted'
        onclick = () => undefined
        constructor(title: string, { tag, body }: { tag: string; body: string }) {
          shown.push({ title, tag, body, click: () => this.onclick() })
        }
        close(): void {}
      },
    )
    show('queue')
    place = new Place()
    await place.opens({ conversations: [mine] })
  })
  afterEach(() => {
    cleanup()
    vi.useRealTimers()
  })

  async function tells(some: object): Promise<void> {
    const { seq } = place.desk.state.value
    place.wire.listener.changed(change(seq, seq + 1, some))
    await new Promise((done) => setTimeout(done, 30))
  }
  const written = (id: number) => ({
    conversations: [{ ...mine, unread: 1, last_message: last(id) }],
    messages: [message(id, { text: `said ${id}` })],
  })

  test('rings, and says in its title how much presses', async () => {
    place.shows(Alerts, { page: 'inbox' })
    expect(document.title).toBe('Bandeja · Relevo')
    await tells({ conversations: [waits] })
    await tells(written(4))
    expect(rung).toEqual(['queued', 'message'])
    expect(document.title).toBe('(2) Bandeja · Relevo')
    expect(shown).toEqual([])
  })

  test('behind others it shows a notification, one for each conversation, which opens it', async () => {
    inFront = false
    place.shows(Alerts, { page: 'inbox' })
    await tells(written(4))
    expect(shown[0]).toMatchObject({ title: 'Elena Prieto', tag: 'c1', body: 'said 4' })
    shown[0]!.click()
    expect(route.value).toMatchObject({ tab: 'mine', conversation: 'c1' })
  })

  test.each([
    ['another page of the agent’s leads', () => (leads = false)],
    ['sounds are off', () => (sounds.value = 'off')],
    ['that event is not wanted', () => (soundEvents.value = ['queued'])],
    ['the hours are quiet', () => (quietHours.value = { from: '00:00', until: '23:59' })],
    ['it is to ring only behind others', () => (onlyHidden.value = 'on')],
    ['the conversation is being read', () => show('mine', 'c1')],
  ])('does not ring while %s', async (_why, so) => {
    so()
    place.shows(Alerts, { page: 'inbox' })
    await tells(written(4))
    expect(rung).toEqual([])
  })

  test('asks for a click when the browser does not let it ring', async () => {
    audible = false
    place.shows(Alerts, { page: 'inbox' })
    await tells(written(4))
    expect(rung).toEqual([])
    await userEvent.click(screen.getByRole('button', { name: 'Activar los sonidos' }))
    expect(screen.queryByRole('status')).toBeNull()
    await tells(written(5))
    expect(rung).toEqual(['message'])
  })

  test('rings again every half minute until it is read, if that is wanted', async () => {
    repeat.value = 'on'
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    place.shows(Alerts, { page: 'inbox' })
    await tells(written(4))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rung).toEqual(['message', 'message', 'message'])
    await tells({ conversations: [{ ...mine, unread: 0, last_message: last(4) }] })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(rung).toHaveLength(3)
  })
})
