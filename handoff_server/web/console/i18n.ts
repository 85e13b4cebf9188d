import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { language, type Language } from './preferences'

type Texts = typeof import('./locales/en.json')

const TEXTS: Record<Language, () => Promise<{ default: Texts }>> = {
  es: () => import('./locales/es.json'),
  en: () => import('./locales/en.json'),
}

export const i18n = createI18n({ legacy: false, locale: language.value as string, messages: {} })

/** Fetches the texts of a language, unless they are there, and shows them. Nobody waits for those of the other. */
export async function speak(code: Language): Promise<void> {
  if (!i18n.global.availableLocales.includes(code))
    i18n.global.setLocaleMessage(code, (await TEXTS[code]()).default)
  i18n.global.locale.value = code
}

watch(language, (code) => void speak(code))
