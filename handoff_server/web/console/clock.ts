/** One clock for every timer on the page, in the server's time. */
import { ref } from 'vue'

const TICK_MS = 1_000
/** Timers of a page in the background are put off by up to a minute. */
const ASLEEP_MS = 90_000

let offset = 0
let last = Date.now()
export const clock = ref(Date.now())
/** How often this computer has slept, or its clock was set: what was known of the time then is to be asked again. */
export const wakings = ref(0)

export function tick(): void {
  const now = Date.now()
  if (now < last - TICK_MS || now > last + ASLEEP_MS) wakings.value++
  last = now
  clock.value = now + offset
}

/** A frame tells the server's time: this computer's may be wrong. */
export function setClock(serverTime: number): void {
  offset = serverTime - Date.now()
  last = Date.now()
  clock.value = serverTime
}

export function startClock(): void {
  setInterval(tick, TICK_MS)
  document.addEventListener('visibilitychange', tick)
}
