import { HandoffChat } from './element'

if (!customElements.get('handoff-chat')) customElements.define('handoff-chat', HandoffChat)
