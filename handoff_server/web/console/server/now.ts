/** How it stands at this moment, in the whole hub: a console itself holds the newest conversations only. */
import type { Promised } from '../model/protocol'
import { call } from './session'

/** What is being waited for longer than promised. */
export type OverPromise = Record<Promised, number>

/** @throws SessionError with the code of the refusal */
export async function readOverPromise(): Promise<OverPromise> {
  return ((await call('GET', 'now')) as { over_promise: OverPromise }).over_promise
}
