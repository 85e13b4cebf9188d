import { expect, it } from 'vitest'
import { messageId } from '../../message-id'

it('makes ids that the server takes and that do not repeat', () => {
  const ids = Array.from({ length: 1000 }, messageId)
  expect(new Set(ids).size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
})
