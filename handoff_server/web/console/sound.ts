/** A few soft notes for what must not wait, others for each kind of it. Made here, so there is no file to fetch. */
import { volume, type SoundEvent } from './preferences'

const TUNES: Record<SoundEvent, number[]> = {
  queued: [660, 880],
  assigned: [523, 659, 784],
  message: [880],
  mention: [988, 784],
}
const NOTE_S = 0.18
/** Of the loudest that a browser can; more would startle. */
const LOUDEST = 0.25

let audio: AudioContext | undefined

/** Browsers let a page sound only after the first click or key in it. */
export function allowSound(): void {
  audio ??= new AudioContext()
  if (audio.state === 'suspended') void audio.resume()
}

export function canSound(): boolean {
  return audio?.state === 'running'
}

export function ring(event: SoundEvent): void {
  const context = audio
  if (!context) return
  TUNES[event].forEach((hertz, index) => play(context, hertz, context.currentTime + index * NOTE_S))
}

/** A note that swells and fades: one that starts or stops at once clicks. */
function play(context: AudioContext, hertz: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: hertz })
  const loudness = new GainNode(context, { gain: 0 })
  loudness.gain.setValueAtTime(0, at)
  loudness.gain.linearRampToValueAtTime((LOUDEST * volume.value) / 100, at + 0.02)
  loudness.gain.linearRampToValueAtTime(0, at + NOTE_S)
  tone.connect(loudness).connect(context.destination)
  tone.start(at)
  tone.stop(at + NOTE_S)
}
