/** The address bar and the page, kept in step: inbox/<tab>/<conversation>, dashboard,
 * settings/<section>/<item>, password?token=…, below /console/ */
import { ref } from 'vue'
import { TABS, type Tab } from './model/inbox'

export type Route =
  | { page: 'inbox'; tab: Tab; conversation: string | null }
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
  return { page: 'inbox', tab: known ?? 'queue', conversation: (known && conversation) || null }
}

export const route = ref<Route>(parse(location.pathname, location.search))

export function show(tab: Tab, conversation: string | null = null): void {
  go(['inbox', tab, conversation].filter((part) => part !== null))
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

function go(parts: string[]): void {
  const path = BASE + parts.map(encodeURIComponent).join('/')
  if (path === location.pathname) return void (route.value = parse(path))
  const leave = () => {
    history.pushState(null, '', path)
    shown = location.href
    route.value = parse(path)
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
