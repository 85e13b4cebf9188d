/** One clock for every timer on the page, in the server's time. */
import { ref } from 'vue'

let offset = 0
export const clock = ref(Date.now())

export function tick(): void {
  clock.value = Date.now() + offset
}

/** A frame tells the server's time: this computer's may be wrong. */
export function setClock(serverTime: number): void {
  offset = serverTime - Date.now()
  tick()
}

export function startClock(): void {
  setInterval(tick, 1000)
}
