import { cleanup } from '@testing-library/vue'
import { afterEach, beforeEach, expect, test } from 'vitest'
import EventLine from '../components/EventLine.vue'
import type { Agent } from '../model/protocol'
import { event, marta } from './change'
import { Place } from './place'

const jorge: Agent = { ...marta, id: 'a2', name: 'Jorge Paz' }
const nine = new Date(2026, 10, 27, 9).getTime()
let place: Place

beforeEach(async () => {
  place = new Place()
  await place.opens({ server_time: nine, agents: [marta, jorge] })
})
afterEach(cleanup)

test.each([
  [
    'handoff.requested',
    { reason: 'customer_request', team: 'payments' },
    'Pasa a una persona de Pagos: Pidió una persona',
  ],
  [
    'handoff.requested',
    { reason: 'other', team: 'care', callback: true },
    'Toca contactar al cliente, como le prometimos: Otro motivo',
  ],
  ['handoff.requested', { reason: 'customer_request' }, 'Pasa a una persona: Pidió una persona'],
  ['handoff.offered', { agent_id: 'a2', until: nine }, 'Se le ofrece a Jorge Paz'],
  ['handoff.passed', { agent_id: 'a2', why: 'declined' }, 'Jorge Paz la dejó pasar'],
  ['handoff.passed', { agent_id: 'a2', why: 'missed' }, 'Jorge Paz no contestó a tiempo'],
  ['handoff.passed', { agent_id: 'nobody', why: 'gone' }, 'Otra persona ya no estaba'],
  ['handoff.first_reply', { waited_ms: 75_000 }, 'Primera respuesta de Marta Rivas, tras 1:15'],
  ['handoff.transferred', { to_agent: 'a2' }, 'Marta Rivas se la pasó a Jorge Paz'],
  ['handoff.transferred', { team: 'payments' }, 'Marta Rivas la pasó a Pagos'],
  ['handoff.warned', { promise: 'next_reply' }, 'Queda poco tiempo para lo prometido: siguiente respuesta'],
  ['handoff.broken', { promise: 'resolution' }, 'No se cumplió lo prometido: solución'],
  ['handoff.resolved', { disposition: 'gone' }, 'Marta Rivas la resolvió: Se fue'],
  ['handoff.wrapped', { verdict: 'late' }, 'Marta Rivas terminó el cierre: debió pasar antes a una persona'],
  ['handoff.wrapped', { verdict: null }, 'Marta Rivas terminó el cierre'],
  ['handoff.released', { why: 'gone', agent_id: 'a1' }, 'Marta Rivas se desconectó: vuelve a la cola'],
  ['handoff.released', { why: 'released' }, 'Marta Rivas la dejó en la cola'],
  ['conversation.snoozed', { until: nine }, 'Marta Rivas la pospuso hasta 09:00'],
  ['conversation.snoozed', { until: nine + 86_400_000 }, /la pospuso hasta sáb, 28 nov, 09:00/],
  ['conversation.snoozed', { until: null }, 'Marta Rivas la pospuso hasta que el cliente escriba'],
  ['conversation.woken', {}, 'Se acabó la pausa'],
  ['conversation.blocked', {}, 'Marta Rivas bloqueó al cliente'],
  ['conversation.unblocked', {}, 'Marta Rivas desbloqueó al cliente'],
  ['case.reopened', {}, 'El cliente vuelve por lo mismo: se reabrió el caso'],
  ['case.closed', { outcome: 'confirmed' }, 'Caso cerrado: el cliente confirmó que quedó resuelto'],
  ['case.closed', { outcome: 'news' }, 'Se cerró el caso'],
  [
    'callback.requested',
    { due_at: nine, key: 'RV-7K2M' },
    'El cliente espera que lo contactemos: 09:00. Clave RV-7K2M',
  ],
  ['callback.cancelled', {}, 'Ya no hace falta contactar al cliente'],
  ['callback.due', {}, 'Llegó la hora de contactar al cliente'],
  ['survey.asked', {}, 'Le preguntamos al cliente cómo le fue'],
  ['survey.answered', { csat: 4 }, 'El cliente calificó la atención: 4 de 5'],
  ['survey.answered', { nps: 0 }, 'Qué tanto nos recomendaría el cliente: 0 de 10'],
  ['handoff.blessed', {}, 'Cambio en la conversación (handoff.blessed)'],
])('%s %o reads as a sentence', (name, data, sentence) => {
  const { container } = place.shows(EventLine, { event: event(6, name, { data }) })
  expect(container.querySelector('p span')?.textContent).toEqual(
    typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
  )
})

test('the same in English, with the note that somebody left', () => {
  const passed = event(6, 'handoff.transferred', { data: { team: 'payments', note: 'Refund is due' } })
  const { container } = place.shows(EventLine, { event: passed }, 'en')
  expect(container.textContent).toContain('Marta Rivas passed it to Payments')
  expect(container.textContent).toContain('Note: Refund is due')
})
