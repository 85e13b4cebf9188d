import type { Attachment } from '../conversation'
import { h } from '../dom'
import type { Language } from '../texts'
import { say } from './texts'

/** The files of a message: pictures as pictures, sounds and films to be played, all else to be fetched. */
export function shown(attachments: Attachment[], server: string, language: Language): Node[] {
  return attachments.map((one) => {
    if (!one.url) return h('em', { class: 'file' }, say(language, 'gone'))
    const src = new URL(one.url, server).href
    const name = one.name
    if (one.kind === 'image' || one.kind === 'sticker') {
      const picture = h('img', { src, alt: say(language, 'image', { name }), loading: 'lazy' })
      return h('a', { class: 'file', href: src, target: '_blank', rel: 'noopener' }, picture)
    }
    if (one.kind === 'voice' || one.kind === 'audio') {
      return h('audio', { class: 'file', src, controls: true, preload: 'none', 'aria-label': name })
    }
    if (one.kind === 'video') {
      return h('video', { class: 'file', src, controls: true, preload: 'metadata', 'aria-label': name })
    }
    return h(
      'a',
      {
        class: 'file',
        href: src,
        target: '_blank',
        rel: 'noopener',
        'aria-label': say(language, 'download', { name }),
      },
      h('bdi', {}, name),
    )
  })
}
