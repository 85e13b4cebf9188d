/** The address bar and the page, kept in step: inbox/<tab>/<conversation>, dashboard, password?token=…, below /console/ */
import { ref } from 'vue'
import { TABS, type Tab } from './model/inbox'

export type Route =
  | { page: 'inbox'; tab: Tab; conversation: string | null }
  | { page: 'dashboard' }
  | { page: 'password'; token: string }

const BASE = '/console/'

export function parse(path: string, query = ''): Route {
  const [page, tab, conversation] = path.replace(BASE, '').split('/').map(decoded)
  if (page === 'password') return { page, token: new URLSearchParams(query).get('token') ?? '' }
  if (page === 'dashboard') return { page }
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

function go(parts: string[]): void {
  const path = BASE + parts.map(encodeURIComponent).join('/')
  if (path !== location.pathname) history.pushState(null, '', path)
  route.value = parse(path)
}

window.addEventListener('popstate', () => (route.value = parse(location.pathname, location.search)))

/** A mistyped address is no reason to fail. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
