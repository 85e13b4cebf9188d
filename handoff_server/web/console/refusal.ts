/** A refusal in the agent's language. */
import { useI18n } from 'vue-i18n'
import type { Refused } from './model/protocol'
import { SessionError } from './server/session'

export function useRefusal(): (refused: Refused | unknown) => string {
  const { t, te } = useI18n()
  return (refused) => {
    const { code, by } = refused instanceof Error ? thrown(refused) : (refused as Refused)
    if (!te(`errors.${code}`)) return t('errors.unknown', { code })
    return t(`errors.${code}`, { name: by ?? t('colleague') })
  }
}

function thrown(error: Error): { code: string; by?: string } {
  return { code: error instanceof SessionError ? error.code : 'internal' }
}
