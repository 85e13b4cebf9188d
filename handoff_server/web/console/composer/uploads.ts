/** Files on their way to the server: each goes once, whoever asks for it. */
import { reactive } from 'vue'
import type { Picked } from '../model/picked'
import type { Stored } from '../model/protocol'
import { SessionError } from '../server/session'
import { post } from '../server/upload'
import { drop, read } from './blobs'

interface Upload {
  stored: Promise<Stored>
  stop: AbortController
}

/** Also those that have arrived, until somebody has written their ids down. */
const uploads = new Map<string, Upload>()
/** By key: the part that has left, from 0 to 1. */
export const progress = reactive(new Map<string, number>())

/** @throws SessionError with the server's code, `unreachable`, `cancelled`, or `file_lost` when nobody has it any more */
export function upload(conversationId: string, picked: Picked): Promise<Stored> {
  const under = uploads.get(picked.key)
  if (under) return under.stored
  const stop = new AbortController()
  const stored = send(conversationId, picked, stop.signal)
  uploads.set(picked.key, { stored, stop })
  // What did not arrive may be sent anew.
  stored.catch(() => uploads.delete(picked.key))
  return stored
}

/** Its id is written down where it is needed. */
export function settled(key: string): void {
  uploads.delete(key)
}

/** The file is not wanted any more, or the server has it in a message. */
export function forget(key: string): void {
  uploads.get(key)?.stop.abort()
  uploads.delete(key)
  void drop(key)
}

async function send(conversationId: string, { key, name }: Picked, signal: AbortSignal): Promise<Stored> {
  progress.set(key, 0)
  try {
    const file = await read(key)
    if (!file) throw new SessionError('file_lost')
    return await post(conversationId, name, file, (part) => progress.set(key, part), signal)
  } finally {
    progress.delete(key)
  }
}
