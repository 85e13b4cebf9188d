import { cleanup, screen, waitFor } from '@testing-library/vue'
import userEvent from '@testing-library/user-event'
import axe from 'axe-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import Palette from '../palette/Palette.vue'
import { theme } from '../preferences'
import { route, show } from '../router'
import { conversation } from './change'
import { layOutNothing, Place } from './place'

layOutNothing()
Element.prototype.scrollIntoView = () => undefined

const mine = conversation('c1', { owner: 'agent', assignee_id: 'a1' })
const ana = conversation('c2', { customer: { id: 'p2', name: 'Ánna Ruiz' } })
const done: string[] = []
const acts = {
  askBot: () => undefined,
  put: ({ words }: { words: string }) => done.push(words),
  move: (what: string) => done.push(what),
  write: (kind: string) => done.push(kind),
  help: () => done.push('help'),
  logOut: () => done.push('log out'),
}
let place: Place

async function opens(open?: object) {
  await place.opens({ conversations: [mine, ana] })
  return place.shows(Palette, { open, acts })
}
const names = () => screen.queryAllByRole('option').map((one) => one.querySelector('bdi')!.textContent)

beforeEach(() => {
  place = new Place()
  done.length = 0
  show('queue')
})
afterEach(cleanup)

test('offers what can be done with the open conversation, and nothing of it without one', async () => {
  await opens(mine)
  expect(names().slice(0, 5)).toEqual([
    'Responder',
    'Deja que lo haga el asistente',
    'Nota privada',
    'Resolver',
    'Transferir',
  ])
  expect((await axe.run(document.body, { rules: { region: { enabled: false } } })).violations).toEqual([])
  cleanup()
  await opens()
  expect(names()[0]).toBe('Ir a Cola')
  expect(names()).not.toContain('Resolver')
})

test('by typing and Enter alone: an act, which comes when the palette is gone', async () => {
  const { emitted } = await opens(mine)
  const user = userEvent.setup()
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole('textbox')))
  await user.keyboard('transf')
  expect(names()).toEqual(['Transferir'])
  await user.keyboard('{ArrowDown}{Enter}')
  expect(emitted().close).toHaveLength(1)
  await waitFor(() => expect(done).toEqual(['transfer']))
})

test('finds conversations by name, whatever its accents, and settings of the page', async () => {
  await opens()
  const user = userEvent.setup()
  await user.type(screen.getByRole('textbox'), 'anna')
  await user.click(screen.getByRole('option', { name: /Ánna Ruiz/ }))
  await waitFor(() => expect(route.value).toMatchObject({ tab: 'all', conversation: 'c2' }))
  await user.clear(screen.getByRole('textbox'))
  await user.type(screen.getByRole('textbox'), 'oscuro')
  await user.click(screen.getByRole('option'))
  await waitFor(() => expect(theme.value).toBe('dark'))
  await user.type(screen.getByRole('textbox'), 'xyz')
  screen.getByText('Nada coincide.')
})

test('finds canned replies, filled in, for a conversation of mine and for no other', async () => {
  const texts = { es: 'Hola {customer}, ya sale {order}.', en: '' }
  const canned = [{ id: 'r1', shortcut: 'envio', texts, own: false, used: 1 }]
  place.wire.answers.canned = () => ({ ok: true, canned }) as never
  await opens(mine)
  const user = userEvent.setup()
  await user.type(screen.getByRole('textbox'), '/env')
  await user.click(await screen.findByRole('option', { name: /\/envio · Hola Elena Prieto/ }))
  await waitFor(() => expect(done).toEqual(['Hola Elena Prieto, ya sale {order}.']))
  cleanup()
  await opens(ana)
  await user.type(screen.getByRole('textbox'), '/env')
  expect(screen.queryByRole('option')).toBeNull()
})
