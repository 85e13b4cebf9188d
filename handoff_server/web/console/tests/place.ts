/** What components need around them: a desk that shows one state, and the words of a language. */
import { render } from '@testing-library/vue'
import { vi } from 'vitest'
import { type Component } from 'vue'
import { createDesk, DESK, type Desk } from '../desk'
import { i18n } from '../i18n'
import type { Agent, Answer, Change, Policy } from '../model/protocol'
import { language, type Language } from '../preferences'
import { conversation, marta, page, snapshot } from './change'
import { Wire } from './wire'

export const policy: Policy = {
  version: '1',
  teams: [
    {
      id: 'care',
      name: { es: 'Atención al cliente', en: 'Customer care' },
      mode: 'pull',
      open: true,
      wrap_up_ms: 0,
    },
    { id: 'payments', name: { es: 'Pagos', en: 'Payments' }, mode: 'push', open: false, wrap_up_ms: 60_000 },
  ],
  dispositions: [
    { id: 'solved', name: { es: 'Resuelto', en: 'Solved' }, settled: true },
    { id: 'gone', name: { es: 'Se fue', en: 'Left' }, settled: false },
  ],
  skills: ['health'],
}

/** jsdom lays nothing out: nothing ever changes its size there, nothing can be scrolled, and every screen is wide. */
export function layOutNothing(): void {
  Element.prototype.scrollTo = () => undefined
  vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener() {}, removeEventListener() {} }))
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    },
  )
}

export class Place {
  readonly wire = new Wire()
  desk!: Desk

  /** A desk that has just been told `some`. */
  async opens(some: Partial<Change> = {}, who: Agent = marta): Promise<void> {
    localStorage.clear()
    const change = snapshot(5, { agents: [who], ...some })
    this.wire.answers.snapshot = () => ({ ok: true, change, me: who, policy }) as Answer
    this.wire.answers.list ??= () => ({ ok: true, conversations: [], next: null }) as Answer
    this.wire.answers.canned ??= () => ({ ok: true, canned: [] }) as Answer
    this.wire.answers.tags ??= () => ({ ok: true, tags: [] }) as Answer
    this.wire.answers.history = (data) => page(conversation(String(data.conversation_id)))
    this.wire.answers.suggest = () => ({ ok: true, suggestions: [] }) as Answer
    this.desk = createDesk(who, this.wire.connect, localStorage, () => undefined)
    this.desk.open()
    await new Promise((done) => setTimeout(done, 0))
  }

  shows(component: Component, props: object = {}, code: Language = 'es') {
    language.value = code
    i18n.global.locale.value = code
    return render(component, {
      props,
      global: { plugins: [i18n], provide: { [DESK as symbol]: this.desk } },
    })
  }

  /** What the server was asked to do, of one kind. */
  asked(name: string): Record<string, unknown>[] {
    return this.wire.asked.filter(([one]) => one === name).map(([, data]) => data)
  }
}
