import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import en from './locales/en.json'
import es from './locales/es.json'
import { language } from './preferences'

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: 'en',
  messages: { es, en },
})

watch(language, (code) => (i18n.global.locale.value = code))
