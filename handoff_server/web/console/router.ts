/** The address bar and the page, kept in step: /console/inbox/<tab>/<conversation> and /console/password?token=… */
import { ref } from 'vue'
import { TABS, type Tab } from './model/inbox'

export type Route =
  { page: 'inbox'; tab: Tab; conversation: string | null } | { page: 'password'; token: string }

const BASE = '/console/'

export function parse(path: string, query = ''): Route {
  const [page, tab, conversation] = path.replace(BASE, '').split('/').map(decoded)
  if (page === 'password') return { page, token: new URLSearchParams(query).get('token') ?? '' }
  const known = TABS.find((one) => one === tab)
  return { page: 'inbox', tab: known ?? 'queue', conversation: (known && conversation) || null }
}

export const route = ref<Route>(parse(location.pathname, location.search))

export function show(tab: Tab, conversation: string | null = null): void {
  const path =
    BASE +
    ['inbox', tab, conversation]
      .filter(Boolean)
      .map((part) => encodeURIComponent(part!))
      .join('/')
  if (path !== location.pathname) history.pushState(null, '', path)
  route.value = { page: 'inbox', tab, conversation }
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
