/** Parts of the page that its first sight does not need. */
import { defineAsyncComponent, type AsyncComponentLoader, type Component } from 'vue'

const parts: (() => Promise<unknown>)[] = []

/** A component that is fetched when it is shown, if it has not been fetched ahead. */
export function later<Part extends Component>(load: () => Promise<{ default: Part }>): Part {
  parts.push(load)
  return defineAsyncComponent(load as AsyncComponentLoader) as unknown as Part
}

/** Fetches them while nothing else is to be done: then they are there at once, also without a server. */
export function fetchAhead(): void {
  const fetch = () => parts.forEach((load) => void load().catch(() => undefined))
  // Safari does not know when it is idle.
  if ('requestIdleCallback' in window) requestIdleCallback(fetch, { timeout: 5_000 })
  else setTimeout(fetch, 2_000)
}
