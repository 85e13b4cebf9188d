import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { language, LANGUAGES, type Language } from './preferences'

type Texts = typeof import('./locales/en.json')

const TEXTS: Record<Language, () => Promise<{ default: Texts }>> = {
  es: () => import('./locales/es.json'),
  en: () => import('./locales/en.json'),
}

export const i18n = createI18n({ legacy: false, locale: language.value as string, messages: {} })

const fetched = new Set<Language>()
const added = new Set<object>()

/** Fetches the texts of a language, unless they are there, and shows them. Nobody waits for those of the other. */
export async function speak(code: Language): Promise<void> {
  // Not `availableLocales`: a part of the page that comes later brings its texts of both languages.
  if (!fetched.has(code)) i18n.global.mergeLocaleMessage(code, (await TEXTS[code]()).default)
  fetched.add(code)
  i18n.global.locale.value = code
}

/** The texts of a part of the page that comes later; once, since every text shown is looked up anew after that. */
export function addTexts(texts: Record<Language, object>): void {
  for (const code of LANGUAGES) {
    if (!added.has(texts[code])) i18n.global.mergeLocaleMessage(code, texts[code])
    added.add(texts[code])
  }
}

watch(language, (code) => void speak(code))
