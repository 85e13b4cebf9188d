/** What the widget itself says. Both languages have the same keys (a test keeps it so). */
export type Language = 'es' | 'en'

const es = {
  title: 'Ayuda',
  open: 'Abrir el chat',
  openUnread: 'Abrir el chat, {n} mensajes sin leer',
  close: 'Cerrar el chat',
  log: 'Conversación',
  field: 'Escribe un mensaje',
  send: 'Enviar',
  human: 'Hablar con una persona',
  withBot: 'Hablas con un asistente virtual (IA). Puedes pedir una persona cuando quieras.',
  withAgent: 'Hablas con {name}, de nuestro equipo.',
  inQueue: 'Esperas a una persona. Lugar en la fila: {position}. En línea: {online}.',
  inQueueNobody:
    'Nadie del equipo está en línea ahora. Tu lugar en la fila: {position}. Te responderemos aquí.',
  backToBot: 'Seguir con el asistente',
  quickReplies: 'Respuestas rápidas',
  you: 'Tú',
  bot: 'Asistente virtual',
  system: 'Aviso',
  agent: 'Persona del equipo',
  typing: '{name} está escribiendo…',
  connecting: 'Conectando…',
  offline: 'Sin conexión. Lo que escribas se enviará en cuanto vuelva.',
  unavailable: 'El chat no está disponible en este momento. Lo intentamos de nuevo enseguida.',
  sending: 'Enviando',
  failed: 'No se envió',
  retry: 'Reintentar',
  discard: 'Descartar',
  left: 'Quedan {n} caracteres',
  tooLong: 'Sobran {n} caracteres',
  language: 'English',
}

const en: Record<keyof typeof es, string> = {
  title: 'Help',
  open: 'Open the chat',
  openUnread: 'Open the chat, {n} unread messages',
  close: 'Close the chat',
  log: 'Conversation',
  field: 'Write a message',
  send: 'Send',
  human: 'Talk to a person',
  withBot: 'You are talking to a virtual assistant (AI). You can ask for a person at any time.',
  withAgent: 'You are talking to {name}, from our team.',
  inQueue: 'You are waiting for a person. Place in line: {position}. Online: {online}.',
  inQueueNobody: 'Nobody on the team is online now. Your place in line: {position}. We will answer you here.',
  backToBot: 'Go on with the assistant',
  quickReplies: 'Quick replies',
  you: 'You',
  bot: 'Virtual assistant',
  system: 'Notice',
  agent: 'Team member',
  typing: '{name} is typing…',
  connecting: 'Connecting…',
  offline: 'No connection. What you write will be sent as soon as it is back.',
  unavailable: 'The chat is not available right now. We will try again shortly.',
  sending: 'Sending',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Discard',
  left: '{n} characters left',
  tooLong: '{n} characters too many',
  language: 'Español',
}

export const texts = { es, en }
export type Key = keyof typeof es

/** What a company says in its own words, or says besides. */
export type OwnWords = Partial<Record<Key | 'greeting' | 'privacy' | 'privacy_url', string>>
let own: Partial<Record<Language, OwnWords>> = {}

export function reword(words: Record<Language, OwnWords>): void {
  own = words
}

export function ownWord(language: Language, key: keyof OwnWords): string {
  return own[language]?.[key] ?? ''
}

export function say(language: Language, key: Key, values: Record<string, string | number> = {}): string {
  const text = ownWord(language, key) || texts[language][key]
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

export function languageOf(tag: string | null | undefined): Language {
  return tag?.toLowerCase().startsWith('en') ? 'en' : 'es'
}
