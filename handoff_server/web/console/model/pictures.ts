/** Hands on what is to be shown, at most once for each picture that the screen draws. */
export class Pictures<Shown> {
  private latest: Shown | undefined
  private drawing = false

  /** @param show is called at once when nothing has been shown since the last picture, otherwise with the next one */
  constructor(private readonly show: (shown: Shown) => void) {}

  put(shown: Shown): void {
    this.latest = shown
    if (this.drawing) return
    this.hand(shown)
    // A page that nobody sees draws nothing: there every change is shown at once.
    if (document.hidden) return
    this.drawing = true
    requestAnimationFrame(() => this.drawn())
  }

  private drawn(): void {
    this.drawing = false
    if (this.latest !== undefined) this.put(this.latest)
  }

  private hand(shown: Shown): void {
    this.latest = undefined
    this.show(shown)
  }
}
