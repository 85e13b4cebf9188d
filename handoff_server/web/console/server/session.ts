/** The agent's session over HTTP. Every call ends within ten seconds. */
import type { Agent, Refused } from '../model/protocol'

const TIMEOUT_MS = 10_000

export type Me = Pick<Agent, 'id' | 'name' | 'role'>

/** A refusal of the server, or `unreachable` when there was no answer. */
export class SessionError extends Error {
  constructor(
    readonly code: string,
    message = code,
    /** What else the server tells: which field, which places. */
    readonly details: Record<string, unknown> = {},
  ) {
    super(message)
  }
}

/** The agent who is logged in here, or null. */
export async function whoAmI(): Promise<Me | null> {
  try {
    return ((await call('GET', 'session')) as { agent: Me }).agent
  } catch (error) {
    if (error instanceof SessionError && error.code === 'unauthorized') return null
    throw error
  }
}

export async function logIn(email: string, password: string): Promise<Me> {
  return ((await call('POST', 'session', { email, password })) as { agent: Me }).agent
}

export async function logOut(): Promise<void> {
  await call('DELETE', 'session')
}

export async function setPassword(token: string, password: string): Promise<void> {
  await call('POST', 'password', { token, password })
}

export async function call(method: string, path: string, body?: object): Promise<unknown> {
  const response = await answer(method, path, body)
  if (response.status === 204) return null
  const content = (await response.json().catch(() => ({}))) as { error?: Refused }
  if (!response.ok) {
    const { code = 'internal', message, ...details } = content.error ?? ({} as Partial<Refused>)
    throw new SessionError(code, message, details)
  }
  return content
}

async function answer(method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`/api/v1/${path}`, {
      method,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  } catch {
    throw new SessionError('unreachable')
  }
}
