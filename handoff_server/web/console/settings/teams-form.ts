/** The form of teams.yml, as its parts share it. */
import { inject, type InjectionKey } from 'vue'
import type { TeamsText } from '../server/settings'

export interface TeamsForm {
  draft: TeamsText
  /** What is wrong at this very place, in the agent's language; empty: nothing. */
  problem(...place: (string | number)[]): string
}

export const FORM: InjectionKey<TeamsForm> = Symbol('teams form')

export function useTeamsForm(): TeamsForm {
  const form = inject(FORM)
  if (!form) throw new Error('useTeamsForm is called outside of the form that provides it')
  return form
}

/** "1" → "2"; any other text stays: its author counts in another way. */
export function nextVersion(version: string): string {
  return /^\d+$/.test(version) ? String(Number(version) + 1) : version
}
