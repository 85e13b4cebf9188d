/** What the server finds for some words, page by page. */
import { ref, shallowRef, watch } from 'vue'
import { useDesk } from '../desk'
import type { Filters } from '../model/filter'
import type { Conversation } from '../model/protocol'

const DEBOUNCE_MS = 200

export interface Found {
  conversation: Conversation
  message_id: number | null
  excerpt: string | null
}

export function useFound(words: () => string, filters: () => Filters) {
  const { call, keep, online } = useDesk()
  const found = shallowRef<Found[]>([])
  const next = ref<string | null>(null)
  const state = ref<'asking' | 'done' | 'failed'>('asking')
  let asked = 0

  /** Of several questions in a row only the answer to the last one is shown. */
  async function ask(cursor: string | null): Promise<void> {
    const mine = ++asked
    state.value = 'asking'
    const data = { text: words().trim(), filters: filters(), cursor }
    const answer = await call<{ found: Found[]; next: string | null }>('search', data)
    if (mine !== asked) return
    state.value = answer.ok ? 'done' : 'failed'
    if (!answer.ok) return
    keep(answer.found.map((one) => one.conversation))
    found.value = cursor ? [...found.value, ...answer.found] : answer.found
    next.value = answer.next
  }

  watch(
    [words, () => JSON.stringify(filters()), online],
    (_now, _before, onCleanup) => {
      state.value = 'asking'
      const timer = setTimeout(() => void ask(null), DEBOUNCE_MS)
      onCleanup(() => clearTimeout(timer))
    },
    { immediate: true },
  )

  return { found, next, state, more: () => ask(next.value) }
}
