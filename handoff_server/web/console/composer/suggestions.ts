/** What the assistant, or a colleague in a case like this, would answer to the customer's newest words. */
import { computed, onUnmounted, shallowRef, watch } from 'vue'
import { useDesk } from '../desk'
import { isMine } from '../model/permission'
import type { Conversation } from '../model/protocol'

/** Whoever writes three messages in a row is answered once. */
const CALM_MS = 800
const MOST = 3

export interface Suggestion {
  kind: 'bot' | 'agent'
  text: string
  /** The intent that was understood, or `similar`. */
  why: string
}

export function useSuggestions(conversation: () => Conversation) {
  const { call, me, state, online } = useDesk()
  const found = shallowRef<Suggestion[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined

  /** The customer's message that waits for an answer of mine; 0: none. */
  const asked = computed(() => {
    const one = conversation()
    if (!online.value || !isMine(one, me.value)) return 0
    const last = state.value.messages[one.id]?.findLast((message) => !message.private)
    return last?.direction === 'incoming' && last.text ? last.id : 0
  })

  watch(
    [asked, () => conversation().id],
    ([message, id]) => {
      clearTimeout(timer)
      found.value = []
      if (message) timer = setTimeout(() => void ask(id, message), CALM_MS)
    },
    { immediate: true },
  )
  onUnmounted(() => clearTimeout(timer))

  /** They are an offer: without an answer there is none. */
  async function ask(conversation_id: string, message: number): Promise<void> {
    const answer = await call<{ suggestions?: Suggestion[] }>('suggest', { conversation_id })
    const isLate = message !== asked.value || conversation_id !== conversation().id
    if (answer.ok && !isLate) found.value = (answer.suggestions ?? []).slice(0, MOST)
  }

  return found
}
