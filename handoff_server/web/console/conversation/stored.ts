/** Files of a conversation, as the server keeps them. */
import type { Attachment, Stored } from '../model/protocol'

export function addressOf(file: Stored): string {
  return `/api/v1/attachments/${encodeURIComponent(file.id)}`
}

export function downloadOf(file: Stored): string {
  return `${addressOf(file)}?download`
}

/** Kinds of pictures that the server serves as what they are; it serves all others as downloads. */
export function isPicture(one: Attachment): one is Stored {
  return (one.kind === 'image' || one.kind === 'sticker') && one.state === 'stored'
}
