/** Measures in words: values in their unit, and how they compare with the period before. */
import { useI18n } from 'vue-i18n'
import { span } from '../model/span'
import type { Measure } from '../server/measures'

/** Of fewer than this a change says nothing. */
export const ENOUGH = 10

export type Trend = 'up' | 'down' | 'same' | null

export function trend({ value, n, previous, previous_n }: Measure): Trend {
  if (value === null || previous === null || n < ENOUGH || previous_n < ENOUGH) return null
  if (value === previous) return 'same'
  return value > previous ? 'up' : 'down'
}

export function useFigure(): (value: number | null | undefined, unit: Measure['unit']) => string {
  const { locale } = useI18n()
  return (value, unit) => {
    if (value === null || value === undefined) return '–'
    if (unit === 'ms') return span(value)
    if (unit === 'share') return number(value, { style: 'percent', maximumFractionDigits: 1 })
    if (unit === 'points') return number(value, { signDisplay: 'exceptZero', maximumFractionDigits: 0 })
    return number(value)
  }

  function number(value: number, options?: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(locale.value, options).format(value)
  }
}
