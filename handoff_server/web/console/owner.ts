/** Who has a conversation, in words. */
import { useI18n } from 'vue-i18n'
import { useDesk } from './desk'
import { untilWritten } from './model/snooze'
import type { Conversation } from './model/protocol'
import { useMoment } from './time'

export function useOwner() {
  const { t } = useI18n()
  const { state } = useDesk()
  const moment = useMoment()

  function agent(id: string | null): string {
    return state.value.agents[id ?? '']?.name ?? t('colleague')
  }

  return {
    agent,
    words: ({ owner, assignee_id, snoozed_until }: Conversation): string => {
      if (!snoozed_until) return t(`owners.${owner}`, { name: agent(assignee_id) })
      return untilWritten(snoozed_until)
        ? t('snoozed_until_written')
        : t('snoozed_until', { until: moment(snoozed_until) })
    },
  }
}
