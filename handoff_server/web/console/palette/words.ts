/** The texts of the palette, which come with it. */
import { useI18n } from 'vue-i18n'
import en from './locales/en.json'
import es from './locales/es.json'

export function usePaletteWords() {
  const i18n = useI18n()
  i18n.mergeLocaleMessage('es', es)
  i18n.mergeLocaleMessage('en', en)
  return i18n
}
