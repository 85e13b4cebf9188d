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

export const MOST_BYTES = 20 * 1024 * 1024
export const MOST_FILES = 10

const KINDS = [
  /^(image|audio|video)\//,
  /^text\/(plain|csv)$/,
  /^application\/(pdf|zip|msword|rtf)$/,
  /^application\/vnd\.(ms-(excel|powerpoint)|openxmlformats-officedocument\.|oasis\.opendocument\.)/,
]

/** Why it cannot be sent, as a code; null: it can. */
export function unfit({ type, size }: Pick<File, 'type' | 'size'>): 'too_big' | 'empty' | 'kind' | null {
  if (size > MOST_BYTES) return 'too_big'
  if (!size) return 'empty'
  return KINDS.some((kind) => kind.test(type)) ? null : 'kind'
}
