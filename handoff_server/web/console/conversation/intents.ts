/** What the assistant can understand, asked for once. */
import type { Desk } from '../desk'

export interface NamedIntent {
  name: string
  title: Record<string, string> | null
}

const known = new WeakMap<Desk, NamedIntent[]>()

/** @returns none, where the server cannot tell now */
export async function intentsOf(desk: Desk): Promise<NamedIntent[]> {
  const held = known.get(desk)
  if (held) return held
  const answer = await desk.call<{ intents: NamedIntent[] }>('intents', {})
  if (!answer.ok) {
    desk.notice.value = answer.error
    return []
  }
  known.set(desk, answer.intents)
  return answer.intents
}
