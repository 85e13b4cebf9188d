import { describe, expect, it } from 'vitest'
import {
  KEPT,
  merged,
  type Message,
  quickReplies,
  stillUnsent,
  type Unsent,
  unreadSince,
} from '../conversation'
import { linkified } from '../linkify'
import { say, texts } from '../texts'

function message(id: number, more: Partial<Message> = {}): Message {
  const plain = {
    author: 'bot' as const,
    author_name: null,
    text: `m${id}`,
    buttons: [],
    client_message_id: null,
  }
  return { id, ...plain, delivery: 'sent', created_at: id, ...more }
}

const unsent: Unsent = { client_message_id: 'c1', kind: 'text', text: 'hola' }

describe('the conversation', () => {
  it('shows each message once, in the order of the log, whatever order they arrive in', () => {
    const arrived = [3, 1, 2, 2, 5, 4, 1].map((id) => message(id))
    let known: Message[] = []
    for (const one of arrived) known = merged(known, [one])
    expect(known.map((one) => one.id)).toEqual([1, 2, 3, 4, 5])
  })

  it('takes the newest state of a message', () => {
    expect(merged([message(1)], [message(1, { delivery: 'read' })])[0]?.delivery).toBe('read')
  })

  it('keeps a bounded number of messages, the newest', () => {
    const many = Array.from({ length: KEPT + 20 }, (_, index) => message(index + 1))
    const kept = merged([], many)
    expect(kept.length).toBe(KEPT)
    expect(kept.at(-1)?.id).toBe(KEPT + 20)
  })

  it('forgets what waits only when the log has it', () => {
    expect(stillUnsent([unsent], [message(1)])).toEqual([unsent])
    expect(stillUnsent([unsent], [message(1, { author: 'customer', client_message_id: 'c1' })])).toEqual([])
  })

  it('offers the buttons of the last message only, and not once the customer has answered', () => {
    const buttons = [{ id: 'b1', title: 'Sí' }]
    expect(quickReplies([message(1, { buttons })], [])).toEqual(buttons)
    expect(quickReplies([message(1, { buttons })], [unsent])).toEqual([])
    expect(quickReplies([message(1, { buttons }), message(2)], [])).toEqual([])
    expect(quickReplies([message(1, { buttons }), message(2, { author: 'customer' })], [])).toEqual([])
  })

  it('counts as unread what others said since', () => {
    expect(unreadSince([message(1), message(2, { author: 'customer' }), message(3)], 1)).toBe(1)
  })
})

describe('text', () => {
  it.each([
    ['see https://example.com/a?b=1.', ['https://example.com/a?b=1']],
    ['(http://example.com) y https://example.org!', ['http://example.com', 'https://example.org']],
    ['javascript:alert(1) data:text/html,x ftp://example.com', []],
    ['<a href="https://example.com">x</a>', ['https://example.com']],
  ])('links only web addresses in %s', (text, addresses) => {
    const nodes = linkified(text)
    const links = nodes.filter((node) => node instanceof HTMLAnchorElement)
    expect(links.map((link) => link.textContent)).toEqual(addresses)
    expect(nodes.map((node) => node.textContent).join('')).toBe(text)
    for (const link of links) expect(link.rel).toContain('noopener')
  })

  it('has the same keys and placeholders in both languages', () => {
    const shape = (words: Record<string, string>) =>
      Object.entries(words).map(([key, text]) => [key, [...text.matchAll(/\{\w+\}/g)].map(String).sort()])
    expect(shape(texts.en)).toEqual(shape(texts.es))
    expect(say('es', 'typing', { name: 'Marta' })).toBe('Marta está escribiendo…')
  })
})
