/** How long an agent may want to put a conversation aside. */
export type Snooze = 'hour' | 'tomorrow' | 'written'
export const SNOOZES: Snooze[] = ['hour', 'tomorrow', 'written']

const MORNING = 9
/** The server's sign for "until the customer writes": a time that nobody lives to see. */
export const UNTIL_WRITTEN = Number.MAX_SAFE_INTEGER
const FAR = Date.UTC(2200, 0)

/** @returns the moment, by this computer's calendar; null: until the customer writes */
export function snoozeUntil(choice: Snooze, now: number): number | null {
  if (choice === 'written') return null
  if (choice === 'hour') return now + 3_600_000
  const then = new Date(now)
  then.setDate(then.getDate() + 1)
  return then.setHours(MORNING, 0, 0, 0)
}

export function untilWritten(snoozedUntil: number): boolean {
  return snoozedUntil > FAR
}
