/** Keeps the state in step with the server: snapshot, live frames, and catching up over a gap. */
import type { Change } from './protocol'
import { apply, nothing, type State } from './state'

/** More frames than this while one answer is awaited, and a new catch-up is cheaper than keeping them. */
const MAX_KEPT = 1000

export class Stream {
  state: State = nothing
  private kept: Change[] | null = null

  /**
   * @param catchUp asks the server for what came after `seq` (0: everything)
   * @param changed is told of every new state
   */
  constructor(
    private readonly catchUp: (seq: number) => Promise<Change>,
    private readonly changed: (state: State) => void,
  ) {}

  /** After every (re)connection. Live frames that come meanwhile are kept and applied after the answer. */
  async start(): Promise<void> {
    this.kept = []
    try {
      const answer = await this.catchUp(this.state.seq)
      this.put(apply(this.state, answer))
    } catch (error) {
      this.kept = null
      throw error
    }
    const kept = this.kept ?? []
    this.kept = null
    for (const frame of kept) await this.receive(frame)
  }

  /** A live frame: applied when it follows on, dropped when it is known, otherwise a reason to catch up. */
  async receive(frame: Change): Promise<void> {
    if (this.kept) {
      if (this.kept.length < MAX_KEPT) this.kept.push(frame)
    } else if (frame.after === this.state.seq) {
      this.put(apply(this.state, frame))
    } else if (frame.seq > this.state.seq) {
      await this.start()
    }
  }

  put(state: State): void {
    this.state = state
    this.changed(state)
  }
}
