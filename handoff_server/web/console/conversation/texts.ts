/** The words of what comes when it is asked for: they come along with it. */
import { useI18n } from 'vue-i18n'
import en from './locales/en.json'
import es from './locales/es.json'

export function useTexts() {
  const texts = useI18n()
  texts.mergeLocaleMessage('es', es)
  texts.mergeLocaleMessage('en', en)
  return texts
}
