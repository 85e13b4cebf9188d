/** What a filter and its values are called. */
import { useName } from '../name'
import { useOwner } from '../owner'
import { usePolicy } from '../policy'
import type { Filters } from '../model/filter'
import { useFindingWords } from './words'

export function useLabels() {
  const { t } = useFindingWords()
  const name = useName()
  const owner = useOwner()
  const { team } = usePolicy()

  const values: { [Name in keyof Filters]-?: (value: string) => string } = {
    owner: (value) => t(`filters.owners.${value}`),
    channel: (value) => name('channels', value),
    language: (value) => name('languages', value),
    team,
    tag: (value) => value,
    assignee_id: owner.agent,
    reason: (value) => name('reasons', value),
    status: (value) => t(`filters.statuses.${value}`),
    unread: () => t('filters.yes'),
  }

  return {
    filter: (filter: keyof Filters) => t(`filters.${filter}`),
    value: (filter: keyof Filters, value: unknown) => values[filter](String(value)),
  }
}
