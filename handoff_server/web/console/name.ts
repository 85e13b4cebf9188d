/** The words for a code of the protocol; the code itself when the server is newer than this page. */
import { useI18n } from 'vue-i18n'

export function useName(): (group: string, code: string) => string {
  const { t, te } = useI18n()
  return (group, code) => (te(`${group}.${code}`) ? t(`${group}.${code}`) : code.replaceAll('_', ' '))
}
