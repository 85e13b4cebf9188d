/** What to call whoever wrote a message. */
import { useTexts } from './conversation/texts'
import { useCustomerName } from './customer'
import { useDesk } from './desk'
import type { Message } from './model/protocol'
import { useName } from './name'

export function useAuthor(): (message: Message) => string {
  const { t } = useTexts()
  const name = useName()
  const customerName = useCustomerName()
  const { me, state } = useDesk()

  return ({ author, author_id, author_name, conversation_id }) => {
    if (author === 'agent' && author_id === me.value.id) return t('you')
    const conversation = author === 'customer' && state.value.conversations[conversation_id]
    if (conversation) return customerName(conversation)
    return author_name ?? name('authors', author)
  }
}
