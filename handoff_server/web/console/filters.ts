/** What each list is narrowed down to, kept while this tab of the browser is open. */
import { reactive, watch } from 'vue'
import { TABS, type Tab } from './model/inbox'
import type { Filters } from './model/filter'

const KEY = 'relevo.filters'

export const filters = reactive<Record<Tab, Filters>>({ ...none(), ...kept() })
watch(filters, () => sessionStorage.setItem(KEY, JSON.stringify(filters)))

function none(): Record<Tab, Filters> {
  return Object.fromEntries(TABS.map((tab) => [tab, {}])) as Record<Tab, Filters>
}

function kept(): Partial<Record<Tab, Filters>> {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Record<Tab, Filters>> | null) ?? {}
  } catch {
    return {}
  }
}
