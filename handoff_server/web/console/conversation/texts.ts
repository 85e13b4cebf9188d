/** The words of what comes when it is asked for: they come along with it. */
import { useI18n } from 'vue-i18n'
import { addTexts } from '../i18n'
import en from './locales/en.json'
import es from './locales/es.json'

export function useTexts() {
  addTexts({ es, en })
  return useI18n()
}
