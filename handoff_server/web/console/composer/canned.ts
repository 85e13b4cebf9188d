/** The canned replies of this agent: asked for with the first `/`, and again when somebody changes them. */
import { ref, shallowRef } from 'vue'
import type { Desk } from '../desk'
import type { Canned } from '../model/canned'

export type CannedReplies = ReturnType<typeof create>

const made = new WeakMap<Desk, CannedReplies>()

/** One for all of a desk's conversations. */
export function cannedOf(desk: Desk): CannedReplies {
  const there = made.get(desk) ?? create(desk)
  made.set(desk, there)
  return there
}

/** A text that waits to be kept as one: of the draft, or of a message that was sent. */
export const toKeep = ref<string | null>(null)

function create(desk: Desk) {
  const all = shallowRef<Canned[]>([])
  let known = false
  let asking: Promise<void> | null = null

  /** Those that are known now; what is still to come shows itself when it is there. */
  function list(): Canned[] {
    if (!known && desk.online.value) asking ??= ask()
    return all.value
  }

  async function ask(): Promise<void> {
    const answer = await desk.call<{ canned: Canned[] }>('canned', {})
    if (answer.ok) all.value = answer.canned
    known = answer.ok
    asking = null
  }

  desk.hear('canned', () => {
    known = false
  })

  return { list }
}
