/** What the assistant, or a colleague in a case like this, would answer to the customer's newest words. */
import { computed, onUnmounted, shallowRef, watch } from 'vue'
import { useDesk } from '../desk'
import { isMine } from '../model/permission'
import type { Conversation } from '../model/protocol'

/** Whoever writes three messages in a row is answered once. */
const CALM_MS = 800
/** The assistant's own may take longer than an answer waits for it; by then it is there. */
const AGAIN_MS = 1500
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

  /** They are an offer: without an answer there is none. Where some are missing, they are asked for once more. */
  async function ask(conversation_id: string, message: number, again = true): Promise<void> {
    const answer = await call<{ suggestions?: Suggestion[] }>('suggest', { conversation_id })
    const isLate = message !== asked.value || conversation_id !== conversation().id
    if (!answer.ok || isLate) return
    found.value = joined(found.value, answer.suggestions ?? [])
    if (again && found.value.length < MOST) {
      timer = setTimeout(() => void ask(conversation_id, message, false), AGAIN_MS)
    }
  }

  return found
}

/** What is shown already keeps its place, and with it its key. */
function joined(shown: Suggestion[], told: Suggestion[]): Suggestion[] {
  const others = told.filter(({ text }) => shown.every((one) => one.text !== text))
  return [...shown, ...others].slice(0, MOST)
}
