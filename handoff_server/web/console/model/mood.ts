/** How a customer's last words sound. */
import type { Message } from './protocol'

const WORDS = 5
export const MOODS = ['positive', 'neutral', 'negative'] as const
export type Mood = (typeof MOODS)[number]

/** Of the last few of their messages whose mood is known, the newest last. */
export function moods(log: Message[]): Mood[] {
  const found: Mood[] = []
  for (let place = log.length - 1; place >= 0 && found.length < WORDS; place--) {
    const { author, sentiment } = log[place]!
    const mood = MOODS.find((one) => one === sentiment?.label)
    if (author === 'customer' && mood) found.unshift(mood)
  }
  return found
}
