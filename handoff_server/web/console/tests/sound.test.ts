import { cleanup, screen } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, expect, test, vi } from 'vitest'
import { addTexts } from '../i18n'
import { volume } from '../preferences'
import en from '../settings/locales/en.json'
import es from '../settings/locales/es.json'
import MeSounds from '../settings/MeSounds.vue'
import { allowSound, canSound, ring } from '../sound'
import { Place } from './place'

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
  cleanup()
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

test.each([
  ['es', 'Escuchar: Me asignan u ofrecen una conversación', 3],
  ['es', 'Escuchar: Mensaje en una conversación mía', 1],
  ['en', `Listen: ${en.sounds.events.mention}`, 2],
] as const)('the settings let one hear what rings when (%s, %s)', async (language, name, notes) => {
  addTexts({ es, en })
  new Place().shows(MeSounds, {}, language)
  await userEvent.click(screen.getByRole('button', { name }))
  expect(started).toHaveLength(notes)
})
