import { cleanup, fireEvent, screen, waitFor } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, expect, test } from 'vitest'
import ContextPanel from '../components/ContextPanel.vue'
import { wanted } from '../jump'
import type { Answer, Conversation } from '../model/protocol'
import { folded } from '../preferences'
import { route } from '../router'
import { conversation, handoff, message } from './change'
import { layOutNothing, Place } from './place'

let place: Place
const summary = { es: 'Pedido retrasado.', en: 'Order is late.' }

beforeEach(() => {
  layOutNothing()
  folded.value = []
  place = new Place()
  place.wire.answers.previous = () => ({ ok: true, cases: [], conversations: [] }) as Answer
})
afterEach(cleanup)

async function shows(some: Partial<Conversation> = {}) {
  const one = conversation('c1', { handoff: handoff({ summary }), ...some })
  const mood = { label: 'negative', score: null }
  await place.opens({
    conversations: [one],
    messages: [message(4, { sentiment: mood }), message(5, { private: true, author: 'agent' })],
  })
  place.shows(ContextPanel, { conversation: one })
  await screen.findByText('Pedido retrasado.')
}

test('the summary says whose it is, and is rewritten where it stands', async () => {
  await shows()
  expect(screen.getByText('Hecho por Relevo')).toBeTruthy()
  await fireEvent.click(screen.getByRole('button', { name: 'Editar el resumen' }))
  const field = screen.getByRole('textbox', { name: 'Resumen' })
  await userEvent.clear(field)
  await userEvent.type(field, 'Falta el reembolso.')
  await fireEvent.click(screen.getByRole('button', { name: 'Guardar' }))
  expect(place.asked('summarise')).toEqual([
    { handoff_id: 'h1', language: 'es', text: 'Falta el reembolso.' },
  ])
})

test('what is refused stays in the field', async () => {
  await shows()
  place.wire.answers.summarise = () => ({ ok: false, error: { code: 'forbidden', message: '' } })
  await fireEvent.click(screen.getByRole('button', { name: 'Editar el resumen' }))
  await userEvent.type(screen.getByRole('textbox', { name: 'Resumen' }), ' Y más.')
  await fireEvent.click(screen.getByRole('button', { name: 'Guardar' }))
  expect((screen.getByRole('textbox', { name: 'Resumen' }) as HTMLTextAreaElement).value).toBe(
    'Pedido retrasado. Y más.',
  )
  await waitFor(() => expect(place.desk.notice.value?.code).toBe('forbidden'))
})

test('tags are offered, added and taken away by keyboard', async () => {
  place.wire.answers.tags = () =>
    ({
      ok: true,
      tags: [
        { tag: 'envío', count: 4 },
        { tag: 'vip', count: 1 },
      ],
    }) as Answer
  await shows({ tags: ['frágil'] })
  const field = screen.getByRole('combobox', { name: 'Añadir etiqueta' })
  field.focus()
  await screen.findByText('vip')
  await userEvent.type(field, 'env{ArrowDown}{Enter}')
  expect(place.asked('tag').at(-1)).toEqual({ conversation_id: 'c1', tags: ['frágil', 'envío'] })
  await userEvent.type(field, '{Backspace}')
  expect(place.asked('tag').at(-1)).toEqual({ conversation_id: 'c1', tags: [] })
})

test('a mood leads to its message, and so does a note', async () => {
  await shows()
  await fireEvent.click(screen.getByRole('button', { name: /Negativo/ }))
  expect(wanted.value).toEqual({ message: 4 })
  await fireEvent.click(screen.getByRole('button', { name: /message 5/ }))
  expect(wanted.value).toEqual({ message: 5 })
})

test('the window of the channel is told, and what is allowed when it is over', async () => {
  await shows({ channel: 'whatsapp', window: { until: -1, then: 'template', last: null } })
  expect(screen.getByText('Ventana de WhatsApp')).toBeTruthy()
  expect(screen.getByText(/Puedes enviar una plantilla aprobada/)).toBeTruthy()
})

test('what is folded up stays so, and what the customer came for before is asked for when it is unfolded', async () => {
  folded.value = ['previous']
  const handoffs = [{ reason: 'other', disposition: 'solved', agent_name: 'Jorge Paz', ended_at: 3 }]
  const old = {
    id: 'k0',
    key: 'RV-1',
    topic: 'refund',
    opened_at: 1,
    closed_at: 2,
    outcome: 'resolved',
    conversation_id: 'c0',
    channel: 'whatsapp',
    handoffs,
    csat: 5,
  }
  place.wire.answers.previous = () => ({ ok: true, cases: [old], conversations: [] }) as Answer
  await shows()
  expect(place.asked('previous')).toEqual([])
  await fireEvent.click(screen.getByRole('button', { name: 'Conversaciones anteriores' }))
  expect(folded.value).toEqual([])
  await fireEvent.click(await screen.findByText('Reembolso'))
  expect(screen.getByText('Resuelto · Jorge Paz · ★ 5 de 5')).toBeTruthy()
  await waitFor(() => expect(route.value).toMatchObject({ conversation: 'c0' }))
})
