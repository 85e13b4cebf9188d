/** Of several pages of one agent in a browser, one speaks; and whether any of them is in front. */
const LEADER = 'relevo.leader'
const IN_FRONT = 'relevo.in_front'

export class Pages {
  isLeader = false
  private readonly leaving = new AbortController()
  private letGo: (() => void) | undefined

  start(): void {
    // Without locks, outside of https, every page speaks for itself.
    if (!navigator.locks) return void (this.isLeader = true)
    this.hold(LEADER, 'exclusive', (release) => {
      this.isLeader = true
      this.leaving.signal.addEventListener('abort', release)
    })
    for (const [target, event] of this.signs()) target.addEventListener(event, this.look)
    this.look()
  }

  stop(): void {
    this.leaving.abort()
    this.letGo?.()
    for (const [target, event] of this.signs()) target.removeEventListener(event, this.look)
  }

  /** Does somebody look at one of them? */
  async inFront(): Promise<boolean> {
    if (!navigator.locks) return isInFront()
    return (await navigator.locks.query()).held?.some((one) => one.name === IN_FRONT) ?? false
  }

  private readonly look = (): void => {
    if (!isInFront()) {
      this.letGo?.()
      this.letGo = undefined
    } else if (!this.letGo) {
      let released = false
      this.letGo = () => (released = true)
      this.hold(IN_FRONT, 'shared', (release) => {
        if (released) release()
        else this.letGo = release
      })
    }
  }

  private signs(): [EventTarget, string][] {
    return [
      [document, 'visibilitychange'],
      [window, 'focus'],
      [window, 'blur'],
    ]
  }

  private hold(name: string, mode: LockMode, held: (release: () => void) => void): void {
    const { signal } = this.leaving
    const keep = () => new Promise<void>((release) => held(release))
    navigator.locks.request(name, { mode, signal }, keep).catch(() => undefined)
  }
}

function isInFront(): boolean {
  return !document.hidden && document.hasFocus()
}
