import { render } from '@testing-library/vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defineComponent } from 'vue'
import { keeping, usePreferencesOfAgent } from '../keeping'
import { adopt, density, theme, volume } from '../preferences'
import { change, event, marta } from './change'
import { Place } from './place'

/** One account, as the server keeps it: what is chosen beside what was. */
let account: Record<string, unknown>
let written: object[]
let answers: (() => void)[] | null
let broken: boolean
vi.stubGlobal('fetch', async (_path: string, { method = 'GET', body }: RequestInit = {}) => {
  if (broken) throw new TypeError('no network')
  if (method === 'PUT') {
    const { preferences } = JSON.parse(body as string)
    written.push(preferences)
    account = { ...account, ...preferences }
    return new Response(null, { status: 204 })
  }
  const said = JSON.stringify({ agent: marta, preferences: account, other_sessions: 0 })
  if (answers) await new Promise<void>((done) => answers!.push(done))
  return new Response(said)
})

let place: Place
let seq: number
let unmount: () => void

/** Another page of the agent has kept something. */
function elsewhere(kept: object, by = marta.id): void {
  account = { ...account, ...kept }
  const actor = { kind: 'agent' as const, id: by, name: null }
  const told = event(++seq, 'agent.preferred', { conversation_id: null, actor })
  place.wire.listener.changed(change(seq - 1, seq, { events: [told] }))
}
const settled = () => vi.advanceTimersByTimeAsync(0)
const calm = () => vi.advanceTimersByTimeAsync(1_000)

beforeEach(async () => {
  account = { theme: 'light' }
  written = []
  answers = null
  broken = false
  seq = 5
  adopt({ theme: 'system', density: 'comfortable', volume: 60 })
  place = new Place()
  await place.opens()
  place.desk.close()
  vi.useFakeTimers()
  unmount = render(defineComponent({ setup: () => (usePreferencesOfAgent(place.desk), () => null) })).unmount
  place.wire.answers.sync = place.wire.answers.snapshot!
  place.desk.open()
  await settled()
})
afterEach(() => {
  unmount()
  place.desk.close()
  vi.useRealTimers()
})

test('what was kept is there after a log-in, and is not written back', async () => {
  expect(theme.value).toBe('light')
  await calm()
  expect(written).toEqual([])
})

test('what another page has kept shows at once; what a colleague has kept does not', async () => {
  elsewhere({ theme: 'dark' })
  await settled()
  expect(theme.value).toBe('dark')
  elsewhere({ theme: 'light' }, 'a2')
  await settled()
  expect(theme.value).toBe('dark')
  await calm()
  expect(written).toEqual([])
})

test('a change under way stays, and only what was changed is written', async () => {
  volume.value = 20
  await settled()
  elsewhere({ volume: 90, density: 'compact' })
  await settled()
  expect([volume.value, density.value, keeping.value]).toEqual([20, 'compact', 'keeping'])
  await calm()
  expect([written, keeping.value]).toEqual([[{ volume: 20 }], 'kept'])
})

test('an answer of before a write does not bring back what was then', async () => {
  answers = []
  elsewhere({ density: 'compact' })
  await settled()
  theme.value = 'dark'
  await calm()
  expect(written).toEqual([{ theme: 'dark' }])
  const [old] = answers
  answers = null
  old!()
  await settled()
  expect([theme.value, density.value]).toEqual(['dark', 'compact'])
})

test('what could not be kept is kept with the next connection', async () => {
  broken = true
  theme.value = 'dark'
  await calm()
  expect(keeping.value).toBe('failed')
  place.wire.lose()
  broken = false
  place.wire.answers.sync = () => ({ ok: true, change: change(seq, seq) }) as never
  place.wire.comeBack()
  await calm()
  expect([written, keeping.value]).toEqual([[{ theme: 'dark' }], 'kept'])
})
