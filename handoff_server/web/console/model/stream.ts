/** Keeps the state in step with the server: snapshot, live frames, and catching up over a gap. */
import type { Change } from './protocol'
import { apply, nothing, type State } from './state'

/** More frames than this while one answer is awaited, and a new catch-up is cheaper than keeping them. */
const MAX_KEPT = 1000
/** A server whose answers never close the gap is at fault; asking it on and on would help nobody. */
const MAX_ROUNDS = 5

export class Stream {
  state: State = nothing
  /** The frames that came while an answer is awaited; null when none is. */
  private kept: Change[] | null = null
  private running: Promise<void> | null = null
  /** How often everything has been forgotten and told anew. */
  resets = 0

  /**
   * @param catchUp asks the server for what came after `seq` (0: everything)
   * @param changed is told of every new state
   */
  constructor(
    private readonly catchUp: (seq: number) => Promise<Change>,
    private readonly changed: (state: State) => void,
  ) {}

  /**
   * After every (re)connection. Live frames that come meanwhile are kept and applied after the answer.
   * Two catch-ups at once could put an old answer over newer frames: a second caller waits for the first.
   */
  start(): Promise<void> {
    return (this.running ??= this.run())
  }

  /** A live frame: applied when it follows on, dropped when it is known, otherwise a reason to catch up. */
  async receive(frame: Change): Promise<void> {
    if (this.kept) this.keep(this.kept, frame)
    else if (!this.follows(frame)) await this.start()
  }

  put(state: State): void {
    this.state = state
    this.changed(state)
  }

  /** One frame over the bound is kept as a sign that some are missing. */
  private keep(kept: Change[], frame: Change): void {
    if (kept.length <= MAX_KEPT) kept.push(frame)
  }

  private async run(): Promise<void> {
    try {
      await this.closeGap()
    } finally {
      this.kept = this.running = null
    }
  }

  private async closeGap(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const kept: Change[] = (this.kept = [])
      const answer = await this.catchUp(this.state.seq)
      this.resets += Number(answer.reset ?? false)
      this.put(apply(this.state, answer))
      if (kept.length <= MAX_KEPT && kept.every((frame) => this.follows(frame))) return
    }
    throw new Error(`the server's answers left a gap after seq ${this.state.seq}, ${MAX_ROUNDS} times`)
  }

  /** Applies a frame that follows on. False when something between it and the state is missing. */
  private follows(frame: Change): boolean {
    if (frame.after === this.state.seq) this.put(apply(this.state, frame))
    return frame.seq <= this.state.seq
  }
}
