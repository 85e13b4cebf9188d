/** Which message is to be looked at: whoever mentions one leads there, and the log goes to it. */
import { shallowRef } from 'vue'

export interface Jump {
  message: number
}

/** A new object each time: the same message may be wanted again. */
export const wanted = shallowRef<Jump | null>(null)

export function jumpTo(message: number): void {
  wanted.value = { message }
}
