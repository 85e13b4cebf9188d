/** The texts of the palette, which come with it. */
import { useI18n } from 'vue-i18n'
import { addTexts } from '../i18n'
import en from './locales/en.json'
import es from './locales/es.json'

export function usePaletteWords() {
  addTexts({ es, en })
  return useI18n()
}
