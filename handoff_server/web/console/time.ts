/** Times of day (24 h) and days, as the agent's language writes them. */
import { useI18n } from 'vue-i18n'

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
