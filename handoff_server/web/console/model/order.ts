/** The rows of a list, also while somebody is in it and nothing may move under the pointer. */
import type { Conversation } from './protocol'

export interface Standing {
  rows: Conversation[]
  /** Of the rows, those that have left the list. */
  gone: Set<string>
  /** How many have come and wait to be shown. */
  fresh: number
  /** Whether the rows would stand in another order. */
  moved: boolean
}

/**
 * @param now the list as it would stand
 * @param shown the ids that stood there when somebody came in; null when nobody is in it
 * @param known where those that have left the list are looked up
 */
export function stand(
  now: Conversation[],
  shown: string[] | null,
  known: Record<string, Conversation>,
): Standing {
  if (!shown) return { rows: now, gone: new Set(), fresh: 0, moved: false }
  const byId = new Map(now.map((one) => [one.id, one]))
  const stood = new Set(shown)
  // What comes below the last row moves nothing.
  const end = now.findLastIndex((one) => stood.has(one.id)) + 1
  const staying = shown.flatMap((id) => byId.get(id) ?? known[id] ?? [])
  const order = now.filter((one) => stood.has(one.id))
  const still = staying.filter((one) => byId.has(one.id))
  return {
    rows: [...staying, ...now.slice(end)],
    gone: new Set(staying.filter((one) => !byId.has(one.id)).map((one) => one.id)),
    fresh: now.slice(0, end).length - order.length,
    moved: order.some((one, place) => one !== still[place]),
  }
}
