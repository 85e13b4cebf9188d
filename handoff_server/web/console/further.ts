/** All conversations, also those that a console does not start with: the server tells them page by page. */
import { computed, ref, watch } from 'vue'
import { useDesk } from './desk'
import { fits, type Filters } from './model/filter'
import { spokenAt } from './model/inbox'
import type { Conversation } from './model/protocol'

/** No frame takes so long, unless nobody looks. */
const FRAME_MS = 500

/** @param filters null: the list is not looked at */
export function useFurther(filters: () => Filters | null) {
  const { call, keep, lists, online, state } = useDesk()
  const next = ref<string | null>(null)
  /** Between what is older there may be others, which are still to be told: it is shown when its page has come. */
  const horizon = ref(0)
  const loading = ref(false)
  let asked = 0

  async function load(cursor: string | null): Promise<void> {
    const mine = ++asked
    loading.value = true
    const data = { filters: filters() ?? {}, cursor }
    const answer = await call<{ conversations: Conversation[]; next: string | null }>('list', data)
    if (mine !== asked) return
    const found = answer.ok ? answer : { conversations: [], next: cursor }
    keep(found.conversations)
    await known(found.conversations)
    if (mine !== asked) return
    loading.value = false
    next.value = found.next
    const oldest = found.conversations.at(-1)
    if (!found.next) horizon.value = 0
    else if (oldest) horizon.value = spokenAt(oldest)
  }

  /** What is kept is shown with the next frame; sooner, older ones would stand in its place. */
  function known(conversations: Conversation[]): Promise<void> {
    const all = () => conversations.every(({ id }) => id in state.value.conversations)
    return new Promise((done) => {
      const stop = watch(all, (there) => there && done(), { immediate: true })
      setTimeout(() => (stop(), done()), FRAME_MS)
    })
  }

  watch(
    () => [filters() && JSON.stringify(filters()), online.value] as const,
    ([wanted, there]) => wanted && there && void load(null),
    { immediate: true },
  )

  return {
    rows: computed(() => {
      const wanted = filters() ?? {}
      return lists.value.all.filter((one) => spokenAt(one) >= horizon.value && fits(one, wanted))
    }),
    more: computed(() => next.value !== null && online.value),
    loading,
    loadMore: () => !loading.value && next.value !== null && void load(next.value),
  }
}
