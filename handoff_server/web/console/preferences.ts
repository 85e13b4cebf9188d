/** How the console shows itself to one agent. The server keeps it (me.ts); a copy here serves the first paint. */
import { reactive, toRefs, watch } from 'vue'

export const LANGUAGES = ['es', 'en'] as const
export type Language = (typeof LANGUAGES)[number]
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const DENSITIES = ['comfortable', 'compact'] as const
export type Density = (typeof DENSITIES)[number]
export const SEND_KEYS = ['enter', 'ctrl_enter'] as const
export type SendKey = (typeof SEND_KEYS)[number]
/** What may ring: new in the queue, assigned or offered to me, a message in a conversation of mine, a note calls me. */
export const SOUND_EVENTS = ['queued', 'assigned', 'message', 'mention'] as const
export type SoundEvent = (typeof SOUND_EVENTS)[number]
export type Switch = 'on' | 'off'
/** Times of day of this device, such as 22:00 and 07:00: over midnight where `from` is the later one. */
export interface QuietHours {
  from: string
  until: string
}

export interface Preferences {
  language: Language
  theme: Theme
  density: Density
  shortcuts: Switch
  send_key: SendKey
  /** Off: nothing rings, whatever the others say. */
  sounds: Switch
  sound_events: SoundEvent[]
  /** 0 to 100 */
  volume: number
  /** Rings again every 30 s until it is read. */
  repeat: Switch
  /** Rings only while the page is not in front. */
  only_hidden: Switch
  quiet_hours: QuietHours | null
  /** Shows in the log what the assistant understood, in full; off: as a sign. */
  understanding: Switch
  /** Parts of the context that are folded up. */
  folded: string[]
}

const COPY = 'relevo.preferences'
const SWITCH = ['on', 'off'] as const

const isTime = (value: unknown) => typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value)
const among = (allowed: readonly unknown[]) => (value: unknown) => allowed.includes(value)

const allowed: { [Name in keyof Preferences]: (value: unknown) => boolean } = {
  language: among(LANGUAGES),
  theme: among(THEMES),
  density: among(DENSITIES),
  shortcuts: among(SWITCH),
  send_key: among(SEND_KEYS),
  sounds: among(SWITCH),
  sound_events: (value) => Array.isArray(value) && value.every(among(SOUND_EVENTS)),
  volume: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 100,
  repeat: among(SWITCH),
  only_hidden: among(SWITCH),
  quiet_hours: (value) =>
    value === null || (isTime((value as QuietHours)?.from) && isTime((value as QuietHours)?.until)),
  understanding: among(SWITCH),
  folded: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
}

export const preferences = reactive<Preferences>({
  language: navigator.language.startsWith('es') ? 'es' : 'en',
  theme: 'system',
  density: 'comfortable',
  shortcuts: 'on',
  send_key: 'enter',
  sounds: 'on',
  sound_events: [...SOUND_EVENTS],
  volume: 60,
  repeat: 'off',
  only_hidden: 'off',
  quiet_hours: null,
  understanding: 'off',
  folded: ['previous'],
})
adopt(copied())
watch(preferences, () => localStorage.setItem(COPY, JSON.stringify(preferences)))

export const {
  language,
  theme,
  density,
  shortcuts,
  send_key: sendKey,
  sounds,
  sound_events: soundEvents,
  volume,
  repeat,
  only_hidden: onlyHidden,
  quiet_hours: quietHours,
  understanding,
  folded,
} = toRefs(preferences)

/** Takes what was kept elsewhere. What this page does not know, or cannot use, stays as it is. */
export function adopt(kept: object): void {
  const known = Object.entries(kept).filter(([name, value]) => allowed[name as keyof Preferences]?.(value))
  Object.assign(preferences, Object.fromEntries(known))
}

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

function copied(): object {
  try {
    return (JSON.parse(localStorage.getItem(COPY) ?? '{}') as object | null) ?? {}
  } catch {
    return {}
  }
}
