/** What time does to a page: sleep, wrong clocks, newer servers, many changes at once. */
import { cleanup, render, screen } from '@testing-library/vue'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { clock, setClock, tick, wakings } from '../clock'
import ConnectionBar from '../components/ConnectionBar.vue'
import { DESK } from '../desk'
import { i18n } from '../i18n'
import { Pictures } from '../model/pictures'
import type { Answer } from '../model/protocol'
import { change } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()

let place: Place
beforeEach(async () => {
  place = new Place()
  await place.opens()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('the clock', () => {
  test('is the server’s, however wrong this computer’s is', () => {
    vi.useFakeTimers({ now: 1_000_000 + 3_600_000 })
    setClock(1_000_000)
    vi.advanceTimersByTime(5_000)
    tick()
    expect(clock.value).toBe(1_005_000)
  })

  test.each([
    ['after an hour’s sleep', 3_600_000, 1],
    ['when it was set back', -60_000, 1],
    ['of a page in the background not', 60_000, 0],
  ])('%s, what was missed is asked for', async (_when, jump, times) => {
    vi.useFakeTimers({ now: 1_000_000 })
    setClock(1_000_000)
    const before = wakings.value
    vi.setSystemTime(1_000_000 + jump)
    tick()
    await nextTick()
    expect(wakings.value - before).toBe(times)
    expect(place.asked('sync')).toHaveLength(times)
  })
})

test('of many changes between two pictures only the last is shown, the first at once', () => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame'] })
  const shown: number[] = []
  const pictures = new Pictures<number>((one) => shown.push(one))
  for (const one of [1, 2, 3]) pictures.put(one)
  expect(shown).toEqual([1])
  vi.advanceTimersToNextFrame()
  expect(shown).toEqual([1, 3])
  vi.advanceTimersToNextFrame()
  pictures.put(4)
  expect(shown).toEqual([1, 3, 4])
})

test('a newer console on the server is told, and nothing is reloaded by itself', async () => {
  const told = (version: string) => () => ({ ok: true, change: change(5, 5), version }) as Answer
  place.wire.answers.sync = told('a')
  place.desk.refresh()
  await new Promise((done) => setTimeout(done, 20))
  const first = place.desk.outdated.value
  place.wire.answers.sync = told('b')
  place.desk.refresh()
  await new Promise((done) => setTimeout(done, 20))
  expect([first, place.desk.outdated.value]).toEqual([false, true])
  render(ConnectionBar, {
    props: { state: 'outdated' },
    global: { plugins: [i18n], provide: { [DESK as symbol]: place.desk } },
  })
  screen.getByRole('button', { name: /Recargar|Reload/ })
})

test('without a connection the bar says when the next try is', () => {
  place.wire.listener.triesIn(4_500)
  i18n.global.locale.value = 'es'
  render(ConnectionBar, {
    props: { state: 'offline' },
    global: { plugins: [i18n], provide: { [DESK as symbol]: place.desk } },
  })
  expect(screen.getByRole('timer').textContent).toBe('Nuevo intento en 5 s')
})
