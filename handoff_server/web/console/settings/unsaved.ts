/** Work that is not saved: whoever is about to leave it is asked first. */
import { onUnmounted, shallowRef, watch, type Ref } from 'vue'
import { watchOver } from '../router'

/** How to go on, while the agent is asked whether to leave; Settings asks. */
export const leaving = shallowRef<(() => void) | null>(null)

export function useUnsaved(dirty: Ref<boolean>): void {
  const stay = (event: BeforeUnloadEvent) => event.preventDefault()

  function release(): void {
    watchOver(null)
    window.removeEventListener('beforeunload', stay)
  }

  watch(
    dirty,
    (unsaved) => {
      if (!unsaved) return release()
      watchOver((leave) => (leaving.value = leave))
      window.addEventListener('beforeunload', stay)
    },
    { immediate: true },
  )
  onUnmounted(release)
}
