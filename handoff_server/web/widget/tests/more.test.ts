import axe from 'axe-core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { h } from '../dom'
import type { Host } from '../extras'
import { extend } from '../more/main'
import { texts } from '../more/texts'

const asked: string[] = []
let answers: Record<string, { ok: boolean; url?: string }>
let forgotten = 0

/** The parts of a chat that its extras hold on to. */
function place() {
  const panel = h('section', { class: 'panel' })
  const tools = h('div')
  const form = h('form', {}, h('textarea', { 'aria-label': 'Mensaje' }))
  panel.append(h('div', { class: 'head' }, tools), form)
  const shell = h('div')
  document.body.append(shell)
  const root = shell.attachShadow({ mode: 'open' })
  root.append(panel)
  const host: Host = {
    root,
    server: 'http://127.0.0.1:9',
    tools,
    form,
    token: () => Promise.resolve('t1'),
    ask: (event) => {
      asked.push(event)
      return Promise.resolve(answers[event] ?? { ok: false })
    },
    forget: () => void forgotten++,
    changed: () => {},
  }
  const extras = extend(host)
  extras.render('es')
  const button = (name: string) =>
    [...root.querySelectorAll('button')].find(
      (one) => (one.getAttribute('aria-label') ?? one.textContent) === name,
    )!
  return { root, form, extras, button, panel }
}

const settled = () => new Promise((done) => setTimeout(done, 0))
const file = (name: string, size = 10) => {
  const made = new File(['x'], name)
  Object.defineProperty(made, 'size', { value: size })
  return made
}

function drop(panel: HTMLElement, ...files: File[]): void {
  const event = new Event('drop', { bubbles: true, cancelable: true })
  Object.defineProperty(event, 'dataTransfer', { value: { files } })
  panel.dispatchEvent(event)
}

beforeEach(() => {
  asked.length = 0
  forgotten = 0
  answers = {}
})
afterEach(() => {
  document.body.replaceChildren()
  vi.unstubAllGlobals()
})

it('says the same things in both languages', () => {
  expect(Object.keys(texts.en).sort()).toEqual(Object.keys(texts.es).sort())
})

it('deletes the chat after a question, and forgets it only when the server has', async () => {
  const { root, button } = place()
  button('Más opciones').click()
  button('Borrar esta conversación').click()
  expect(root.querySelector('.menu')!.textContent).toContain('no se puede deshacer')
  button('Sí, borrar').click()
  await settled()
  expect([asked, forgotten]).toEqual([['erase'], 0])
  expect(root.querySelector('.said')!.textContent).toContain('Inténtalo otra vez')
  answers.erase = { ok: true }
  button('Sí, borrar').click()
  await settled()
  expect(forgotten).toBe(1)
  expect(root.querySelector('.said')!.textContent).toBe('La conversación se borró.')
})

it('leaves the chat as it is when the customer thinks better of it', () => {
  const { root, button } = place()
  button('Más opciones').click()
  button('Borrar esta conversación').click()
  expect(root.activeElement).toBe(button('No, dejarla'))
  button('No, dejarla').click()
  expect(asked).toEqual([])
  expect(root.activeElement).toBe(button('Más opciones'))
})

it('uploads what is dropped and holds it until it is sent', async () => {
  const sent: [string, RequestInit][] = []
  vi.stubGlobal('fetch', (address: string, init: RequestInit) => {
    sent.push([address, init])
    return Promise.resolve(new Response(JSON.stringify({ id: 'f1', kind: 'image', name: 'foto.png' })))
  })
  const { extras, panel, button, root } = place()
  drop(panel, file('foto.png'))
  await settled()
  await settled()
  expect(sent[0]![0]).toBe('http://127.0.0.1:9/widget/v1/attachments?name=foto.png')
  expect(sent[0]![1].headers).toEqual({ authorization: 'Bearer t1' })
  expect(extras.ready.map((one) => one.id)).toEqual(['f1'])
  button('Quitar foto.png').click()
  expect(extras.ready).toEqual([])
  expect(root.querySelectorAll('.files li')).toHaveLength(0)
})

it('refuses what is too large before it is sent, and says when the server refuses', async () => {
  const calls = vi.fn(() => Promise.resolve(new Response('{}', { status: 400 })))
  vi.stubGlobal('fetch', calls)
  const { root, panel } = place()
  drop(panel, file('video.mp4', 6_000_000))
  expect(root.querySelector('.count')!.textContent).toContain('video.mp4 pesa más de 5 MB')
  expect(calls).not.toHaveBeenCalled()
  drop(panel, file('virus.exe'))
  await settled()
  await settled()
  expect(root.querySelector('.count')!.textContent).toContain('No podemos recibir virus.exe')
})

it('says what to do when enough was sent for a day, and else to try again', async () => {
  const refused = async (code: string, language: 'es' | 'en') => {
    const body = JSON.stringify({ error: { code, message: '2 files', limit: 2, retry_after: 60 } })
    vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status: 429 })))
    const { root, panel, extras } = place()
    extras.render(language)
    drop(panel, file('foto.png'))
    await vi.waitFor(() =>
      expect(root.querySelector('.count')!.textContent).not.toMatch(/Subiendo|Uploading/),
    )
    return root.querySelector('.count')!.textContent
  }
  expect(await refused('daily_limit', 'es')).toMatch(/Envía foto\.png mañana .* una persona\.$/)
  expect(await refused('daily_limit', 'en')).toMatch(/Send foto\.png tomorrow, .* a person\.$/)
  expect(await refused('rate_limited', 'es')).toBe('Ahora no se pudo. Inténtalo otra vez en un momento.')
})

it('shows pictures, sounds and documents, and never takes a name for markup', () => {
  const { extras } = place()
  const name = '<img src=x onerror=alert(1)>.png'
  const one = (kind: string) => ({ id: 'f', kind, name, url: '/widget/v1/attachments/f?s=1' })
  const nodes = extras.shown(['image', 'voice', 'video', 'document'].map(one), 'es') as HTMLElement[]
  expect(nodes.map((node) => node.tagName)).toEqual(['A', 'AUDIO', 'VIDEO', 'A'])
  expect(nodes[3]!.querySelector('img')).toBeNull()
  expect(nodes[0]!.querySelector('img')!.alt).toBe(`Foto: ${name}`)
  expect(extras.shown([{ ...one('image'), url: null }], 'en')[0]!.textContent).toContain(
    'could not be received',
  )
})

it('has nothing that axe objects to', async () => {
  const { root, button } = place()
  button('Más opciones').click()
  const { violations } = await axe.run(root.querySelector<HTMLElement>('.panel')!, {
    rules: { region: { enabled: false }, 'color-contrast': { enabled: false } },
  })
  expect(violations.map((one) => one.id)).toEqual([])
})
