/** The parts of the settings, and whose they are. */
import { UserRound } from '@lucide/vue'
import { defineAsyncComponent, type Component } from 'vue'
import type { Agent } from '../model/protocol'

export interface Section {
  id: string
  icon: Component
  page: Component
  /** Whose it is; none: everybody's. */
  roles?: Agent['role'][]
}

export const SECTIONS: Section[] = [
  { id: 'me', icon: UserRound, page: defineAsyncComponent(() => import('./Me.vue')) },
]

export function sectionsOf(role: Agent['role']): Section[] {
  return SECTIONS.filter((one) => !one.roles || one.roles.includes(role))
}
