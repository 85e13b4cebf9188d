/** Copies text; where the browser refuses, the agent is told instead of being left with an old clipboard. */
import { inject, type InjectionKey } from 'vue'
import { useI18n } from 'vue-i18n'

export const TELL: InjectionKey<(text: string) => void> = Symbol('tell')

export function useCopy(): (text: string) => Promise<void> {
  const { t } = useI18n()
  const tell = inject(TELL, () => undefined)
  return async (text) => {
    try {
      await navigator.clipboard.writeText(text)
      tell(t('copied'))
    } catch {
      tell(t('copy_failed'))
    }
  }
}
