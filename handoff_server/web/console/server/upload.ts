/** A file on its way to the server. XMLHttpRequest, since fetch does not tell how far it has come. */
import type { Refused, Stored } from '../model/protocol'
import { SessionError } from './session'

/** A file of the largest size over a slow line: 20 MB at half a megabit. */
const TIMEOUT_MS = 330_000

/**
 * @param progress is told the part that has left, from 0 to 1
 * @throws SessionError with the server's code, `unreachable`, or `cancelled`
 */
export function post(
  conversationId: string,
  name: string,
  file: Blob,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<Stored> {
  const query = new URLSearchParams({ conversation_id: conversationId, name })
  const request = new XMLHttpRequest()
  return new Promise((done, failed) => {
    const fail = (code: string) => failed(new SessionError(code))
    request.open('POST', `/api/v1/attachments?${query}`)
    request.timeout = TIMEOUT_MS
    request.responseType = 'json'
    request.setRequestHeader('content-type', file.type || 'application/octet-stream')
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0)
    request.onload = () => {
      const answer = request.response as (Stored & { error?: Refused }) | null
      if (request.status === 201 && answer?.id) done(answer)
      else if (request.status >= 502) fail('unreachable')
      else fail(answer?.error?.code ?? 'internal')
    }
    request.onerror = request.ontimeout = () => fail('unreachable')
    request.onabort = () => fail('cancelled')
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(file)
  })
}
