/** A week as teams.yml writes it (stretches of days), and as a form shows it (seven days). Pure. */
import type { Spans } from '../server/settings'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Day = (typeof DAYS)[number]

export function opened(week: Record<string, Spans>): Record<Day, Spans> {
  const days = Object.fromEntries(DAYS.map((day) => [day, [] as Spans])) as Record<Day, Spans>
  for (const [stretch, spans] of Object.entries(week)) {
    const [first, last = first] = stretch.split('-')
    const [from, to] = [DAYS.indexOf(first as Day), DAYS.indexOf(last as Day)]
    for (const day of DAYS.slice(from, to + 1)) days[day] = spans
  }
  return days
}

/** Neighbours that are alike stand together; closed days are left out, unless all are. */
export function folded(days: Record<Day, Spans>): Record<string, Spans> {
  const week: [Day, Day, Spans][] = []
  for (const [index, day] of DAYS.entries()) {
    const before = week.at(-1)
    if (before && before[1] === DAYS[index - 1] && before[2].join() === days[day].join()) before[1] = day
    else week.push([day, day, days[day]])
  }
  const open = week.filter(([, , spans]) => spans.length)
  return Object.fromEntries(
    (open.length ? open : week).map(([first, last, spans]) => [
      first === last ? first : `${first}-${last}`,
      spans,
    ]),
  )
}

/** `08:00-12:00, 13:00-18:00` as a list; whether it makes sense is for the server to say. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim().replace(/\s*[–-]\s*/, '-'))
    .filter(Boolean)
}
