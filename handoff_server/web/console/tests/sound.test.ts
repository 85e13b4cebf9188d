import { afterEach, expect, test, vi } from 'vitest'
import { sounds } from '../preferences'
import { allowSound, ring } from '../sound'

/** The part of a browser's audio that a note needs; it writes down when each note starts. */
const started: number[] = []
vi.stubGlobal(
  'AudioContext',
  class {
    currentTime = 5
  },
)
vi.stubGlobal(
  'OscillatorNode',
  class {
    connect = (next: unknown) => next
    start = (at: number) => started.push(at)
    stop(): void {}
  },
)
vi.stubGlobal(
  'GainNode',
  class {
    gain = { linearRampToValueAtTime: () => undefined }
    connect = (next: unknown) => next
  },
)

/** One lock for all pages of a browser. */
let taken = false
Object.defineProperty(navigator, 'locks', {
  value: {
    request: async (_name: string, _options: object, run: (lock: object | null) => Promise<void>) => {
      if (taken) return run(null)
      taken = true
      await run({})
      taken = false
    },
  },
})

afterEach(() => {
  started.length = 0
  sounds.value = 'on'
  vi.useRealTimers()
})

test('nothing sounds before the agent has touched the page', async () => {
  await ring()
  expect(started).toEqual([])
})

test('of two pages one rings, two notes after each other', async () => {
  vi.useFakeTimers()
  allowSound()
  const both = [ring(), ring()]
  await vi.advanceTimersByTimeAsync(2_000)
  await Promise.all(both)
  expect(started).toEqual([5, 5.18])
})

test('whoever wants quiet has it', async () => {
  sounds.value = 'off'
  await ring()
  expect(started).toEqual([])
})
