/** The texts of filters and search, which come with them. */
import { useI18n } from 'vue-i18n'
import { addTexts } from '../i18n'
import en from './locales/en.json'
import es from './locales/es.json'

export function useFindingWords() {
  addTexts({ es, en })
  return useI18n()
}
