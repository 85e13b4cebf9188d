/**
 * 128 random bits as hex: the sender's own id of a message, which makes sending it again harmless.
 *
 * Not `crypto.randomUUID`, which browsers offer on HTTPS and loopback only; a shop's test machine may have neither.
 */
export function messageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
