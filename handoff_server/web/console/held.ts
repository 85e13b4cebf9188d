/** A list that stands still while the pointer or the keyboard is in it. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import { useDesk } from './desk'
import { stand } from './model/order'
import type { Conversation } from './model/protocol'

/** @param which of several lists it is: another one begins anew */
export function useHeld(list: Ref<Conversation[]>, which: () => unknown) {
  const { state } = useDesk()
  const pointed = ref(false)
  const focused = ref(false)
  const shown = shallowRef<string[] | null>(null)
  const held = computed(() => pointed.value || focused.value)
  const standing = computed(() =>
    stand(list.value, held.value ? shown.value : null, state.value.conversations),
  )

  /** Lets everything that waits take its place. */
  function release(): void {
    shown.value = list.value.map((one) => one.id)
  }

  // Before anything of the same moment is painted: what has just come is not what the pointer came for.
  watch(held, (inside) => inside && release(), { flush: 'sync' })
  watch(which, release)
  watch(standing, ({ rows }) => {
    if (held.value && rows.length > (shown.value?.length ?? 0)) shown.value = rows.map((one) => one.id)
  })

  return {
    standing,
    release,
    handlers: {
      pointerenter: () => (pointed.value = true),
      pointerleave: () => (pointed.value = false),
      focusin: (event: FocusEvent) => (focused.value = (event.target as Element).matches(':focus-visible')),
      focusout: () => (focused.value = false),
    },
  }
}
