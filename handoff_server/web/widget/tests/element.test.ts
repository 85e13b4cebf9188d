import axe from 'axe-core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HandoffChat } from '../element'

// Nobody listens there: what the widget does without a server is the real thing.
const NOWHERE = 'http://127.0.0.1:9'
if (!customElements.get('handoff-chat')) customElements.define('handoff-chat', HandoffChat)

function chat(): { element: HandoffChat; find: <E extends HTMLElement>(selector: string) => E } {
  const element = document.createElement('handoff-chat') as HandoffChat
  element.setAttribute('server', NOWHERE)
  element.setAttribute('key', 'demo')
  element.setAttribute('lang', 'es')
  element.setAttribute('title', 'Tienda · Ayuda')
  document.body.append(element)
  return { element, find: (selector) => element.shadowRoot!.querySelector(selector)! }
}

function write(field: HTMLTextAreaElement, text: string, more: KeyboardEventInit = {}): void {
  field.value = text
  field.dispatchEvent(new Event('input'))
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, ...more }))
}

beforeEach(() => localStorage.clear())
afterEach(() => document.body.replaceChildren())

it('asks the server for nothing before it is opened', () => {
  const { find } = chat()
  expect(find('.panel').hidden).toBe(true)
  expect(find('.trouble').hidden).toBe(true)
  expect(localStorage.length).toBe(0)
})

it('gives the focus to the field when it opens and back to the launcher when it closes', () => {
  const { element, find } = chat()
  find('.launcher').click()
  expect(element.shadowRoot!.activeElement).toBe(find('textarea'))
  find('textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  expect(find('.panel').hidden).toBe(true)
  expect(element.shadowRoot!.activeElement).toBe(find('.launcher'))
})

it('always says who is speaking and offers a person', () => {
  const { find } = chat()
  find('.launcher').click()
  expect(find('.who').textContent).toContain('asistente virtual (IA)')
  expect(find('.human').hidden).toBe(false)
  expect(find('.human').textContent).toBe('Hablar con una persona')
})

it('keeps what was typed while there is no server, in order, through a reload', () => {
  const first = chat()
  first.find('.launcher').click()
  write(first.find('textarea'), 'uno')
  write(first.find('textarea'), 'dos')
  write(first.find('textarea'), 'tres', { shiftKey: true })
  first.find('.human').click()
  first.find('.human').click()
  first.element.remove()
  const second = chat()
  const waiting = [...second.element.shadowRoot!.querySelectorAll('.row.waiting .bubble')].map(
    (one) => one.textContent,
  )
  expect(waiting).toEqual(['Tú: uno', 'Tú: dos', 'Tú: Hablar con una persona'])
  expect(second.find<HTMLTextAreaElement>('textarea').value).toBe('tres')
})

it('keeps what was typed in every tab of the site', () => {
  const one = chat()
  const other = chat()
  write(one.find('textarea'), 'uno')
  write(other.find('textarea'), 'dos')
  const third = chat()
  const waiting = [...third.element.shadowRoot!.querySelectorAll('.row.waiting .bubble')]
  expect(waiting.map((row) => row.textContent)).toEqual(['Tú: uno', 'Tú: dos'])
})

it('does not forget after a reload without a server who is speaking', () => {
  const first = chat()
  first.element.session.state({
    owner: 'agent',
    agent_name: 'Marta',
    position: null,
    agents_online: 1,
    language: 'es',
  })
  first.element.remove()
  const second = chat()
  expect(second.find('.who').textContent).toBe('Hablas con Marta, de nuestro equipo.')
  expect(second.find('.human').hidden).toBe(true)
})

it('keeps the way back to the assistant until there is a server to hear it', () => {
  const { element, find } = chat()
  find('.launcher').click()
  element.session.state({ owner: 'queue', agent_name: null, position: 1, agents_online: 1, language: 'es' })
  find('.human').click()
  find('.human').click()
  expect(find('.log').textContent).toContain('Seguir con el asistente')
  expect(element.shadowRoot!.querySelectorAll('.row.waiting').length).toBe(1)
})

it('keeps the language the customer chose while the server does not know it', () => {
  const { element, find } = chat()
  find('.launcher').click()
  find('.tools button').click()
  element.session.state({ owner: 'bot', agent_name: null, position: null, agents_online: 0, language: 'es' })
  expect(find('textarea').getAttribute('aria-label')).toBe('Write a message')
})

it('stays whole when the page moves it', () => {
  const { element, find } = chat()
  const place = document.createElement('div')
  document.body.append(place)
  place.append(element)
  expect(element.shadowRoot!.querySelectorAll('.head').length).toBe(1)
  expect(find('.panel').children[0]).toBe(find('.head'))
})

it('does not send a half-composed character', () => {
  const { element, find } = chat()
  find('.launcher').click()
  write(find('textarea'), 'にほ', { isComposing: true })
  expect(element.shadowRoot!.querySelectorAll('.row').length).toBe(0)
})

it('refuses text over the limit and says by how much', () => {
  const { element, find } = chat()
  find('.launcher').click()
  write(find('textarea'), 'x'.repeat(4010))
  expect(element.shadowRoot!.querySelectorAll('.row').length).toBe(0)
  expect(find('.count').textContent).toBe('Sobran 10 caracteres')
  expect(find<HTMLButtonElement>('.send').disabled).toBe(true)
})

it('shows hostile text as text', () => {
  const { element, find } = chat()
  find('.launcher').click()
  const hostile = '<img src=x onerror="alert(1)"> \u202Eabc\u200B <script>alert(2)</script>'
  element.session.message({
    id: 1,
    author: 'agent',
    author_name: '<b>Marta</b>',
    text: hostile,
    buttons: [],
    client_message_id: null,
    delivery: 'sent',
    created_at: 0,
  })
  expect(find('.log').querySelector('img, script, b')).toBeNull()
  expect(find('.log').textContent).toContain(hostile)
})

it('removes quick replies once one is used', () => {
  const { element, find } = chat()
  find('.launcher').click()
  const buttons = [
    { id: 'b1', title: '¿Dónde está mi pedido?' },
    { id: 'b2', title: 'Horario' },
  ]
  const plain = { author_name: null, client_message_id: null, delivery: 'sent', created_at: 0 }
  element.session.message({ id: 1, author: 'bot', text: '¿Qué necesitas?', buttons, ...plain })
  expect(find('.replies').children.length).toBe(2)
  ;(find('.replies').children[0] as HTMLElement).click()
  expect(find('.replies').hidden).toBe(true)
  expect(find('.log').textContent).toContain('¿Dónde está mi pedido?')
})

it('has no accessibility violation, open or closed', async () => {
  const { element, find } = chat()
  const rules = { 'color-contrast': { enabled: false }, region: { enabled: false } } // jsdom has no layout
  expect((await axe.run(element, { rules })).violations).toEqual([])
  find('.launcher').click()
  element.session.state({ owner: 'queue', agent_name: null, position: 2, agents_online: 1, language: 'es' })
  expect((await axe.run(element, { rules })).violations).toEqual([])
  expect(find('.who').textContent).toBe('Esperas a una persona. Lugar en la fila: 2. En línea: 1.')
})

it('still asks for what came before a message that it was told early', () => {
  const { element } = chat()
  const early = {
    id: 7,
    author: 'agent',
    author_name: 'Marta',
    text: 'Hola',
    buttons: [],
    client_message_id: null,
  }
  element.session.message({ ...early, author: 'agent', delivery: 'sent', created_at: 1 })
  const kept = JSON.parse(localStorage.getItem(localStorage.key(0)!)!)
  expect(kept.messages.map((one: { id: number }) => one.id)).toEqual([7])
  expect(kept.since).toBe(0)
})
