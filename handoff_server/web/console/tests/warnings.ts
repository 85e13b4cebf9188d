/** What Vue and vue-i18n warn of fails the test in which it happened. */
import { afterEach, expect } from 'vitest'

const heard: string[] = []

console.warn = (...words: unknown[]) => {
  heard.push(words.join(' '))
}

/** What was warned of since this was last asked; from then on it counts as seen. */
export function warnings(): string[] {
  return heard.splice(0)
}

afterEach(() => expect(warnings()).toEqual([]))
