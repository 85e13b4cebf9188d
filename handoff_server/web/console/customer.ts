/** What to call a customer: the name, or the end of the id where nobody has told us one. */
import { useI18n } from 'vue-i18n'
import type { Conversation } from './model/protocol'

export function useCustomerName(): (conversation: Conversation) => string {
  const { t } = useI18n()
  return ({ customer }) => customer.name || t('someone', { id: customer.id.slice(-4).toUpperCase() })
}
