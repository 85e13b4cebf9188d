/** A file that an agent has picked: it goes to the server by itself, and its id goes with the message. */
export interface Picked {
  /** Of this browser; the file lies under it until the server has it. */
  key: string
  name: string
  mime: string
  size: number
  /** The server's, once it has it. */
  id: string | null
}

export const MOST_BYTES = 20_000_000
export const MOST_FILES = 10

/** As browsers name what the server takes (docs/protocol.md §3); it looks at the content itself. */
const KINDS = [
  /^image\/(jpeg|png|gif|webp)$/,
  /^audio\//,
  /^video\/(mp4|3gpp|webm)$/,
  /^text\/(plain|csv|html)$/,
  /^application\/(pdf$|vnd\.openxmlformats-officedocument\.)/,
]

/** Why it cannot be sent, as a code; null: it can. */
export function unfit({ type, size }: Pick<File, 'type' | 'size'>): 'too_big' | 'empty' | 'kind' | null {
  if (size > MOST_BYTES) return 'too_big'
  if (!size) return 'empty'
  return KINDS.some((kind) => kind.test(type)) ? null : 'kind'
}
