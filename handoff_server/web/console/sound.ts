/** Two soft notes for what must not wait. Made here, so there is no file to fetch. */
import { sounds } from './preferences'

const NOTES = [660, 880]
const NOTE_S = 0.18
const VOLUME = 0.15
/** Of several pages of one agent only one rings; the others find the lock taken. */
const LOCK = 'relevo.ring'
const SILENCE_MS = 1_500

let audio: AudioContext | undefined

/** Browsers let a page sound only after the first click or key in it. */
export function allowSound(): void {
  audio ??= new AudioContext()
}

export async function ring(): Promise<void> {
  const context = audio
  if (!context || sounds.value === 'off') return
  await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return
    NOTES.forEach((hertz, index) => play(context, hertz, context.currentTime + index * NOTE_S))
    await new Promise((done) => setTimeout(done, SILENCE_MS))
  })
}

/** A note that swells and fades: one that starts or stops at once clicks. */
function play(context: AudioContext, hertz: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: hertz })
  const volume = new GainNode(context, { gain: 0 })
  volume.gain.linearRampToValueAtTime(VOLUME, at + 0.02)
  volume.gain.linearRampToValueAtTime(0, at + NOTE_S)
  tone.connect(volume).connect(context.destination)
  tone.start(at)
  tone.stop(at + NOTE_S)
}
