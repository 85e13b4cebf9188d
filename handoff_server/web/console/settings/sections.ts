/** The parts of the settings, and whose they are. */
import {
  Clock,
  MessageSquareText,
  PanelsTopLeft,
  Radio,
  ShieldUser,
  UserRound,
  UsersRound,
} from '@lucide/vue'
import { defineAsyncComponent, type Component } from 'vue'
import type { Agent } from '../model/protocol'

export interface Section {
  id: string
  icon: Component
  page: Component
  /** Some of its pages are about one thing, which the address names: it takes `item`. */
  hasItems?: boolean
  /** Whose it is; none: everybody's. */
  roles?: Agent['role'][]
}

const OVERSEERS: Agent['role'][] = ['supervisor', 'admin']

export const SECTIONS: Section[] = [
  { id: 'me', icon: UserRound, page: defineAsyncComponent(() => import('./Me.vue')) },
  {
    id: 'canned',
    icon: MessageSquareText,
    page: defineAsyncComponent(() => import('./Canned.vue')),
    hasItems: true,
  },
  { id: 'team', icon: UsersRound, page: defineAsyncComponent(() => import('./Team.vue')), roles: OVERSEERS },
  { id: 'hours', icon: Clock, page: defineAsyncComponent(() => import('./Hours.vue')), roles: OVERSEERS },
  {
    id: 'widgets',
    icon: PanelsTopLeft,
    page: defineAsyncComponent(() => import('./Widgets.vue')),
    hasItems: true,
    roles: ['admin'],
  },
  {
    id: 'users',
    icon: ShieldUser,
    page: defineAsyncComponent(() => import('./Users.vue')),
    roles: ['admin'],
  },
  {
    id: 'channels',
    icon: Radio,
    page: defineAsyncComponent(() => import('./Channels.vue')),
    roles: OVERSEERS,
  },
]

export function sectionsOf(role: Agent['role']): Section[] {
  return SECTIONS.filter((one) => !one.roles || one.roles.includes(role))
}
