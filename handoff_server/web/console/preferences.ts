/** How this browser shows the console: language, theme, sounds, shortcuts. Kept here, not on the server. */
import { ref, watch, type Ref } from 'vue'

export const LANGUAGES = ['es', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export const language = kept<Language>(
  'language',
  LANGUAGES,
  navigator.language.startsWith('es') ? 'es' : 'en',
)
export const theme = kept<Theme>('theme', THEMES, 'system')
export const sounds = kept<'on' | 'off'>('sounds', ['on', 'off'], 'on')
export const shortcuts = kept<'on' | 'off'>('shortcuts', ['on', 'off'], 'on')

/** Puts theme and language on the page's root, now and after every change of them or of the system's. */
export function followPreferences(root: HTMLElement): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const paint = () => {
    root.dataset.theme = theme.value === 'system' ? (dark.matches ? 'dark' : 'light') : theme.value
  }
  dark.addEventListener('change', paint)
  watch(theme, paint, { immediate: true })
  watch(language, (code) => (root.lang = code), { immediate: true })
}

function kept<Value extends string>(name: string, allowed: readonly Value[], otherwise: Value): Ref<Value> {
  const key = `relevo.${name}`
  const stored = localStorage.getItem(key)
  const value = ref(allowed.find((one) => one === stored) ?? otherwise) as Ref<Value>
  watch(value, (chosen) => localStorage.setItem(key, chosen))
  return value
}
