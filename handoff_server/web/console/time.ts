/** Times of day (24 h) and days, as the agent's language writes them. */
import { useI18n } from 'vue-i18n'
import { clock } from './clock'

export function useTime(): (at: number) => string {
  const { locale } = useI18n()
  return (at) =>
    new Date(at).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
}

export function useDay(): (at: number) => string {
  const { locale } = useI18n()
  return (at) =>
    new Date(at).toLocaleDateString(locale.value, { weekday: 'long', day: 'numeric', month: 'long' })
}

/** A time of day; with its day unless that is today. */
export function useMoment(): (at: number) => string {
  const { locale } = useI18n()
  const time = useTime()
  return (at) => {
    const then = new Date(at)
    if (then.toDateString() === new Date(clock.value).toDateString()) return time(at)
    const day = then.toLocaleDateString(locale.value, { weekday: 'short', day: 'numeric', month: 'short' })
    return `${day}, ${time(at)}`
  }
}
