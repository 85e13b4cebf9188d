import { expect, it } from 'vitest'
import { granted } from '../connection'

it('takes a refusal for no answer', () => {
  expect(granted({ ok: true, messages: [] })).toEqual({ ok: true, messages: [] })
  expect(() => granted({ ok: false, error: { code: 'overloaded', message: 'later' } })).toThrow('overloaded')
})
