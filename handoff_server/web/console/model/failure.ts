/**
 * The text that explains why a message was not delivered: of its very code (`whatsapp:131026`), of the code's kind
 * (`whatsapp`), or none in particular.
 */
export function failureOf(code: string | null, isKnown: (key: string) => boolean): string {
  const kind = code?.split(':')[0] ?? ''
  const candidates = [code?.replace(':', '_') ?? '', kind]
  return candidates.find((one) => one && isKnown(`failures.${one}`)) ?? 'status'
}
