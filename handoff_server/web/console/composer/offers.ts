/** What `/` and `@` offer in one conversation: canned replies, filled in with what is known of it, and colleagues. */
import { useI18n } from 'vue-i18n'
import { useDesk } from '../desk'
import { filled, found, variant } from '../model/canned'
import { matches } from '../model/inbox'
import type { Conversation } from '../model/protocol'
import { serves } from '../model/receiver'
import { cannedOf } from './canned'
import type { Option } from './completion'

const MOST_COLLEAGUES = 8

export function useOffers(conversation: () => Conversation) {
  const { t } = useI18n()
  const desk = useDesk()
  const { me, state } = desk
  const canned = cannedOf(desk)

  function replies(word: string): Option[] {
    const { customer, case: current, handoff, language } = conversation()
    const known = {
      customer: customer.name,
      agent: me.value.name,
      case: current?.key ?? null,
      order: String(handoff?.collected.order_number ?? '') || null,
    }
    return found(canned.list(), word).map((one) => {
      const best = variant(one, language)
      const words = filled(best.text, known)
      const other = best.language === language ? undefined : best.language
      return { id: one.id, title: `/${one.shortcut}`, detail: words, words, language: other }
    })
  }

  function colleagues(word: string): Option[] {
    return Object.values(state.value.agents)
      .filter((agent) => serves(agent) && agent.id !== me.value.id && matches(agent.name, word))
      .slice(0, MOST_COLLEAGUES)
      .map(({ id, name, presence }) => ({
        id,
        title: name,
        detail: t(`presence.${presence}`),
        words: `@${name} `,
      }))
  }

  /** Whom a note calls: those whose names stand in it. */
  function called(note: string): string[] {
    return Object.values(state.value.agents)
      .filter(({ name, removed }) => !removed && note.includes(`@${name}`))
      .map((agent) => agent.id)
  }

  return { replies, colleagues, called }
}
