/** Who of the others looks at which conversation now. Nothing of it is kept: the server tells it anew each time. */
import { shallowRef } from 'vue'

export interface Viewing {
  conversation_id: string
  agents: { id: string; name: string }[]
}

export class Viewers {
  /** Agents' ids by conversation, without one's own. */
  readonly now = shallowRef<Record<string, string[]>>({})

  constructor(private readonly me: string) {}

  hear({ conversation_id, agents }: Viewing): void {
    this.now.value = { ...this.now.value, [conversation_id]: this.others(agents.map((one) => one.id)) }
  }

  /** All of them, as an answer to `snapshot` or `sync` tells. */
  are(viewing: Record<string, string[]>): void {
    this.now.value = Object.fromEntries(
      Object.entries(viewing).map(([id, agents]) => [id, this.others(agents)]),
    )
  }

  private others(agents: string[]): string[] {
    return agents.filter((id) => id !== this.me)
  }
}
