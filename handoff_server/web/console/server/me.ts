/** One's own account over HTTP: docs/protocol.md §3. */
import type { Agent } from '../model/protocol'
import type { Preferences } from '../preferences'
import { call } from './session'

export interface Account {
  agent: Pick<Agent, 'id' | 'name' | 'role' | 'email'>
  /** As they were kept; a newer or older page may know others. */
  preferences: object
  other_sessions: number
}

/** @throws SessionError with the code of the refusal, as all of these */
export async function readMe(): Promise<Account> {
  return (await call('GET', 'me')) as Account
}

export async function rename(name: string): Promise<void> {
  await call('PUT', 'me', { name })
}

export async function keepPreferences(preferences: Partial<Preferences>): Promise<void> {
  await call('PUT', 'me', { preferences })
}

export async function changePassword(password: string, newPassword: string): Promise<void> {
  await call('PUT', 'me/password', { password, new_password: newPassword })
}

export async function endOtherSessions(): Promise<void> {
  await call('DELETE', 'me/sessions')
}
