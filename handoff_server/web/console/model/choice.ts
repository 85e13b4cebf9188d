/** Which intents are offered for a message that the assistant took for something else. */
import { matches } from './inbox'
import type { Message } from './protocol'

export interface Choice {
  intent: string
  title: string
  /** How sure the assistant was of it; null: not among its best guesses. */
  confidence: number | null
}

const GUESSES = 3
/** No meaning, but the sign that none was found: nobody can have meant that. */
const NOT_UNDERSTOOD = 'nlu_fallback'

/**
 * The assistant's next guesses first, then all others by their names; those that contain the words, when there are some.
 *
 * @param titled the words for an intent
 */
export function choices(
  message: Message,
  intents: string[],
  titled: (intent: string) => string,
  words = '',
): Choice[] {
  const guesses = message.intent_ranking.filter((one) => one.name !== NOT_UNDERSTOOD).slice(0, GUESSES)
  const guessed = new Set(guesses.map((one) => one.name))
  const others = intents.filter((one) => one !== NOT_UNDERSTOOD && !guessed.has(one))
  return [
    ...guesses.map((one) => ({ intent: one.name, title: titled(one.name), confidence: one.confidence })),
    ...others
      .map((intent) => ({ intent, title: titled(intent), confidence: null }))
      .sort((a, b) => a.title.localeCompare(b.title)),
  ].filter((one) => matches(`${one.title} ${one.intent}`, words))
}
