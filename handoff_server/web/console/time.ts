/** Times of day (24 h) and days, as the agent's language writes them. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { clock } from './clock'

type Form = Intl.DateTimeFormatOptions
const TIME: Form = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const DAY: Form = { weekday: 'long', day: 'numeric', month: 'long' }
const SHORT_DAY: Form = { weekday: 'short', day: 'numeric', month: 'short' }

/** Made once: a long history has hundreds of times, and making a format costs more than a row. */
const formats = new Map<string, Intl.DateTimeFormat>()

function written(at: number, language: string, form: Form): string {
  const key = `${language} ${Object.keys(form).join()} ${form.weekday} ${new Date(at).getTimezoneOffset()}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat(language, form)
  formats.set(key, format)
  return format.format(at)
}

/** Changes at midnight only, so that what is shown with it is not made anew each second. */
const today = computed(() => new Date(clock.value).toDateString())

export function useTime(): (at: number) => string {
  const { locale } = useI18n()
  return (at) => written(at, locale.value, TIME)
}

export function useDay(): (at: number) => string {
  const { locale } = useI18n()
  return (at) => written(at, locale.value, DAY)
}

/** A time of day; with its day unless that is today. */
export function useMoment(): (at: number) => string {
  const { locale } = useI18n()
  const time = useTime()
  return (at) => {
    if (new Date(at).toDateString() === today.value) return time(at)
    return `${written(at, locale.value, SHORT_DAY)}, ${time(at)}`
  }
}
