/** Whether the server keeps up with what is asked of it. */
import type { Answer, Refused } from './protocol'

export const SLOW_MS = 2_000
const AGAIN_MS = 3_000

export class Pace {
  private late = 0
  private putOff = false

  /** @param changed is told whether the server is slow */
  constructor(private readonly changed: (slow: boolean) => void) {}

  /** A call unanswered for two seconds, or put off, makes it slow; the next real answer says that it keeps up. */
  async watch<Fields>(call: Promise<Answer<Fields>>): Promise<Answer<Fields>> {
    let isLate = false
    const timer = setTimeout(() => this.count((isLate = true)), SLOW_MS)
    const answer = await call
    clearTimeout(timer)
    this.putOff = !answer.ok && isPutOff(answer.error)
    this.count(false, isLate)
    return answer
  }

  /** A new connection begins anew. */
  forget(): void {
    this.putOff = false
    this.count(false)
  }

  private count(later: boolean, answered = false): void {
    this.late += Number(later) - Number(answered)
    this.changed(this.late > 0 || this.putOff)
  }
}

/** Not refused: the same call may go well in a moment. */
export function isPutOff(error: Refused): boolean {
  return error.code === 'unreachable' || isBusy(error)
}

/** The server has heard the call and wants it later. */
export function isBusy(error: Refused): boolean {
  return error.code === 'rate_limited' || error.code === 'overloaded'
}

/** How long the server wants to be left alone. */
export function pause(error: Refused): number {
  return (error.retry_after ?? 0) * 1000 || AGAIN_MS
}
