/** The address bar and the page, kept in step: inbox/<tab>/<conversation>?m=<message>, dashboard,
 * settings/<section>/<item>, password?token=…, below /console/ */
import { ref } from 'vue'
import { TABS, type Tab } from './model/inbox'

export type Route =
  | { page: 'inbox'; tab: Tab; conversation: string | null; message?: number }
  | { page: 'dashboard' }
  | { page: 'settings'; section: string | null; item: string | null }
  | { page: 'password'; token: string }

const BASE = '/console/'

export function parse(path: string, query = ''): Route {
  const [page, tab, conversation] = path.replace(BASE, '').split('/').map(decoded)
  if (page === 'password') return { page, token: new URLSearchParams(query).get('token') ?? '' }
  if (page === 'dashboard') return { page }
  if (page === 'settings') return { page, section: tab || null, item: conversation || null }
  const known = TABS.find((one) => one === tab)
  return {
    page: 'inbox',
    tab: known ?? 'queue',
    conversation: (known && conversation) || null,
    message: Number(new URLSearchParams(query).get('m')) || undefined,
  }
}

export const route = ref<Route>(parse(location.pathname, location.search))

/** @param message the one to be looked at in it */
export function show(tab: Tab, conversation: string | null = null, message?: number): void {
  go(
    ['inbox', tab, conversation].filter((part) => part !== null),
    message ? `?m=${message}` : '',
  )
}

export function showDashboard(): void {
  go(['dashboard'])
}

export function showSettings(section: string | null = null, item: string | null = null): void {
  go(['settings', section, item].filter((part) => part !== null))
}

/** Asked before the page is left, while there is something to lose; it calls `leave` if that may be. */
export type Warden = (leave: () => void) => void
let warden: Warden | null = null
let shown = location.href

export function watchOver(asked: Warden | null): void {
  warden = asked
}

function go(parts: string[], query = ''): void {
  const path = BASE + parts.map(encodeURIComponent).join('/')
  if (path + query === location.pathname + location.search) return void (route.value = parse(path, query))
  const leave = () => {
    history.pushState(null, '', path + query)
    shown = location.href
    route.value = parse(path, query)
  }
  if (warden) warden(leave)
  else leave()
}

window.addEventListener('popstate', () => {
  const wanted = parse(location.pathname, location.search)
  const address = location.href
  const arrive = () => {
    route.value = wanted
    shown = address
  }
  if (!warden) return arrive()
  // The browser has moved already: until it is decided, the address is that of what is shown.
  history.pushState(null, '', shown)
  warden(() => {
    history.replaceState(null, '', address)
    arrive()
  })
})

/** A mistyped address is no reason to fail. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
