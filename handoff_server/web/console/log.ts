/** Which rows of a conversation are shown, which of them is looked at, and the way to one that somebody mentions. */
import { computed, nextTick, onUnmounted, ref, shallowRef, watch, type Ref } from 'vue'
import { useDesk } from './desk'
import { wanted } from './jump'
import type { Conversation } from './model/protocol'
import { historyOf } from './model/state'
import { timeline } from './model/timeline'
import { route } from './router'

const ROWS = 150
const MORE_ROWS = 100
/** Further back than this, the page would have to hold more than it can show well. */
const MAX_ROUNDS = 12
const ROWS_BEFORE = 20
const FOUND_MS = 2_600

export function useLog(conversation: () => Conversation, log: Ref<HTMLElement | undefined>) {
  const { state, unsent, loading, loadHistory, notice, online } = useDesk()
  const rows = ref(ROWS)
  const active = shallowRef<number | null>(null)
  const found = shallowRef<number | null>(null)
  let fading: ReturnType<typeof setTimeout> | undefined

  const held = computed(() => historyOf(state.value, conversation()))
  const items = computed(() => {
    const { id } = conversation()
    const own = unsent.value.filter((one) => one.conversation_id === id)
    return timeline(id, held.value, own)
  })
  const shown = computed(() => {
    const cut = items.value.slice(0, -rows.value)
    const rest = items.value.slice(-rows.value)
    const place = cut.findLast((item) => item.kind === 'place')
    // The first words shown say whose conversation they are of, too.
    return place && rest[0]?.kind !== 'place' ? [place, ...rest] : rest
  })
  const allShown = computed(() => rows.value >= items.value.length)
  const loadingEarlier = computed(() => loading.has(`history ${conversation().id}`))
  const isComplete = () => state.value.since[conversation().customer.id] === 0

  /** Earlier rows go in above what is being read, which stays where it is. */
  async function earlier(): Promise<void> {
    const height = log.value?.scrollHeight ?? 0
    if (allShown.value) await fetchEarlier()
    rows.value += MORE_ROWS
    await nextTick()
    if (log.value) log.value.scrollTop += log.value.scrollHeight - height
  }

  /** How much is held, and how far back without a gap. */
  const reach = () => `${held.value.messages.length} ${state.value.since[conversation().customer.id]}`

  /** Loads what lies between, shows the message and puts the focus on it. */
  async function goTo(message: number): Promise<void> {
    const { id } = conversation()
    for (let round = 0; round < MAX_ROUNDS && !isHeld(message) && !isComplete(); round++) {
      await settled()
      const before = reach()
      await fetchEarlier()
      if (reach() === before) break
    }
    const place = items.value.findIndex((item) => item.kind === 'message' && item.message.id === message)
    if (place < 0 || conversation().id !== id) {
      notice.value = { code: 'unknown_message', message: '' }
      return
    }
    rows.value = Math.max(rows.value, items.value.length - place + ROWS_BEFORE)
    await nextTick()
    show(message)
  }

  /** What has come is shown with the next picture that the screen draws, where it draws any. */
  async function fetchEarlier(): Promise<void> {
    await loadHistory(conversation(), true)
    if (!document.hidden) await new Promise((drawn) => requestAnimationFrame(drawn))
  }

  /** A load that is under way already ends first: two at once would be one. */
  async function settled(): Promise<void> {
    if (!loadingEarlier.value) return
    await new Promise<void>((done) => {
      watch(loadingEarlier, () => done(), { once: true })
    })
  }

  function isHeld(message: number): boolean {
    return held.value.messages.some((one) => one.id === message)
  }

  function show(message: number): void {
    found.value = message
    clearTimeout(fading)
    fading = setTimeout(() => (found.value = null), FOUND_MS)
    const row = rowOf(message)
    row?.scrollIntoView({ block: 'center' })
    row?.focus({ preventScroll: true })
  }

  function rowOf(message: number): HTMLElement | null | undefined {
    return log.value?.querySelector<HTMLElement>(`[data-message="${message}"]`)
  }

  /** The arrows go from message to message; within links and buttons they mean nothing. */
  function step(event: KeyboardEvent, by: 1 | -1): void {
    const target = event.target as HTMLElement
    if (target !== log.value && !target.dataset.message) return
    const ids = shown.value.flatMap((item) => (item.kind === 'message' ? [item.message.id] : []))
    const at = ids.indexOf(Number(target.dataset.message))
    const next = at < 0 ? ids.at(-1) : ids[at + by]
    if (!next) return
    event.preventDefault()
    rowOf(next)?.focus()
  }

  /** The pointer or the focus is gone; a message in focus keeps its tools. */
  async function leave(): Promise<void> {
    await nextTick()
    if (!log.value?.querySelector('[data-message]:focus-within')) active.value = null
  }

  watch(wanted, (jump) => jump && void goTo(jump.message))
  /** The address may name one, as the search does. */
  watch(
    () => [route.value.page === 'inbox' && route.value.message, online.value] as const,
    ([message, isOnline]) => message && isOnline && void goTo(message),
    { immediate: true },
  )
  onUnmounted(() => clearTimeout(fading))

  return {
    items,
    shown,
    allShown,
    hasEarlier: computed(() => !allShown.value || !isComplete()),
    loadingEarlier,
    earlier,
    goTo,
    active,
    found,
    step,
    leave,
  }
}
