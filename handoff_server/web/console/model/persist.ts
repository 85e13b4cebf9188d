/** What a busy server puts off is asked for again, for a while. */
import { isBusy, pause } from './pace'
import type { Answer } from './protocol'

const TIMES = 5

/**
 * The answer to a call whose epoch keeps it from being carried out twice.
 *
 * @param isMade says whether it stands, although the server could not tell so in time
 */
export async function persist(call: () => Promise<Answer>, isMade: () => Promise<boolean>): Promise<Answer> {
  let answer = await call()
  for (let times = 1; times < TIMES && !answer.ok && isBusy(answer.error); times++) {
    const wait = pause(answer.error)
    await new Promise((done) => setTimeout(done, wait))
    answer = await call()
    if (!answer.ok && answer.error.code === 'stale_epoch' && (await isMade())) return { ok: true }
  }
  return answer
}
