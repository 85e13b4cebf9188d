/** A refusal in the agent's language. */
import { useI18n } from 'vue-i18n'
import type { Notice } from './desk'
import { SessionError } from './server/session'

export function useRefusal(): (refused: Notice | unknown) => string {
  const { t, te } = useI18n()
  return (refused) => {
    const { code, by, about } = refused instanceof Error ? thrown(refused) : (refused as Notice)
    const words = te(`errors.${code}`)
      ? t(`errors.${code}`, { name: by ?? t('colleague') })
      : t('errors.unknown', { code })
    return about ? `${about}: ${words}` : words
  }
}

function thrown(error: Error): Pick<Notice, 'code' | 'by' | 'about'> {
  return { code: error instanceof SessionError ? error.code : 'internal' }
}
