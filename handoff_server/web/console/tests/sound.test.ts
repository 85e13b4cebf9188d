import { afterEach, expect, test, vi } from 'vitest'
import { volume } from '../preferences'
import { allowSound, canSound, ring } from '../sound'

/** The part of a browser's audio that a note needs; it writes down when each note starts, and how loud it gets. */
const started: number[] = []
const loudness: number[] = []
vi.stubGlobal(
  'AudioContext',
  class {
    currentTime = 5
    state = 'suspended'
    resume(): void {
      this.state = 'running'
    }
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
    gain = {
      setValueAtTime: () => undefined,
      linearRampToValueAtTime: (gain: number) => gain && loudness.push(gain),
    }
    connect = (next: unknown) => next
  },
)

afterEach(() => {
  started.length = loudness.length = 0
  volume.value = 60
})

test('nothing sounds before the agent has touched the page', () => {
  ring('queued')
  expect([canSound(), started]).toEqual([false, []])
})

test('each event has notes of its own, after each other, as loud as is wanted', () => {
  allowSound()
  expect(canSound()).toBe(true)
  ring('queued')
  ring('message')
  expect(started).toEqual([5, 5.18, 5])
  volume.value = 20
  ring('message')
  expect(loudness.at(-1)! / loudness.at(-2)!).toBeCloseTo(1 / 3)
})
