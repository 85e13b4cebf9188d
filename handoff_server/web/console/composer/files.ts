/** The files that lie beside the words being written: they leave for the server at once, and stay over reloads. */
import { reactive, watch } from 'vue'
import { messageId } from '../../message-id'
import type { Desk } from '../desk'
import { nameOf, type DraftKind } from '../model/drafts'
import { MOST_FILES, unfit, type Picked } from '../model/picked'
import { SessionError } from '../server/session'
import { keep } from './blobs'
import { forget, settled, upload } from './uploads'

export interface Chosen extends Picked {
  /** The code of why it did not get there. */
  problem: string | null
}

export type Refusal = { name: string; why: 'too_big' | 'empty' | 'kind' | 'too_many' }

const stores = new WeakMap<Desk, Files>()

/** One for all of a desk's conversations: what is on its way goes on while another one is open. */
export function filesOf(desk: Desk): Files {
  const there = stores.get(desk) ?? new Files(desk, localStorage)
  stores.set(desk, there)
  return there
}

export class Files {
  private readonly chosen = reactive(new Map<string, Chosen[]>())

  constructor(
    private readonly desk: Desk,
    private readonly storage: Storage,
  ) {
    watch(desk.online, (online) => online && this.goOn())
  }

  of(conversation_id: string, kind: DraftKind): Chosen[] {
    const name = nameOf({ conversation_id, kind })
    if (!this.chosen.has(name)) {
      this.chosen.set(name, this.read(name))
      if (this.desk.online.value) queueMicrotask(() => this.goOn())
    }
    return this.chosen.get(name)!
  }

  /** Takes those that can be sent; tells of the others why not. */
  add(conversationId: string, kind: DraftKind, files: File[]): Refusal[] {
    const list = this.of(conversationId, kind)
    return files.flatMap((file) => {
      const why = list.length < MOST_FILES ? unfit(file) : 'too_many'
      if (why) return [{ name: file.name, why }]
      const picked = { key: messageId(), name: file.name, mime: file.type, size: file.size, id: null }
      list.push({ ...picked, problem: null })
      void keep(picked.key, file).then(() => this.send(conversationId, kind, picked.key))
      this.save(conversationId, kind)
      return []
    })
  }

  remove(conversationId: string, kind: DraftKind, key: string): void {
    const list = this.of(conversationId, kind)
    list.splice(
      list.findIndex((one) => one.key === key),
      1,
    )
    forget(key)
    this.save(conversationId, kind)
  }

  retry(conversationId: string, kind: DraftKind, key: string): void {
    void this.send(conversationId, kind, key)
  }

  /** Hands them over to the message that takes them along, also those that are still on their way. */
  take(conversationId: string, kind: DraftKind): Picked[] {
    const taken = this.of(conversationId, kind).splice(0)
    this.save(conversationId, kind)
    return taken.map(({ key, name, mime, size, id }) => ({ key, name, mime, size, id }))
  }

  private async send(conversationId: string, kind: DraftKind, key: string): Promise<void> {
    const find = () => this.of(conversationId, kind).find((one) => one.key === key)
    const before = find()
    if (!before) return
    before.problem = null
    try {
      const { id } = await upload(conversationId, before)
      const one = find()
      if (!one) return
      one.id = id
      settled(key)
    } catch (error) {
      Object.assign(find() ?? {}, { problem: error instanceof SessionError ? error.code : 'internal' })
    }
    this.save(conversationId, kind)
  }

  /** Those that met no server go again. */
  private goOn(): void {
    for (const [name, list] of this.chosen) {
      const [, conversationId, kind] = /^(.*)\.(\w+)$/.exec(name) ?? []
      for (const { key, problem } of list) {
        if (problem === 'unreachable') void this.send(conversationId!, kind as DraftKind, key)
      }
    }
  }

  private save(conversation_id: string, kind: DraftKind): void {
    const name = nameOf({ conversation_id, kind })
    const list = this.chosen.get(name) ?? []
    if (list.length) this.storage.setItem(this.key(name), JSON.stringify(list))
    else this.storage.removeItem(this.key(name))
  }

  /** After a reload: what the server has stays, the rest is sent again from what the browser has kept. */
  private read(name: string): Chosen[] {
    try {
      const list = JSON.parse(this.storage.getItem(this.key(name)) ?? '[]') as Chosen[]
      return list.map((one) => (one.id ? one : { ...one, problem: 'unreachable' }))
    } catch {
      return []
    }
  }

  private key(name: string): string {
    return `relevo.files.${this.desk.me.value.id}.${name}`
  }
}
