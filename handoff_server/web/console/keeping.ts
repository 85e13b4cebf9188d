/** Preferences follow the agent to every page: kept on the server after a change, and asked for again after another's. */
import { ref, watch } from 'vue'
import type { Desk } from './desk'
import { adopt, preferences, type Preferences } from './preferences'
import { keepPreferences, readMe } from './server/me'

const CALM_MS = 800
/** `kept`: the server has what is shown here. */
export const keeping = ref<'kept' | 'keeping' | 'failed'>('kept')
/** What the server has, as far as this page knows. */
let server = copied()
let asked = 0
let written = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** To be used once, by what lives as long as the agent is logged in. */
export function usePreferencesOfAgent({ preferred, online }: Desk): void {
  server = copied()
  watch(preferred, look)
  watch(online, (there) => there && keeping.value === 'failed' && void keep())
  watch(preferences, () => {
    clearTimeout(timer)
    keeping.value = isChanged() ? 'keeping' : 'kept'
    if (isChanged()) timer = setTimeout(() => void keep(), CALM_MS)
  })
}

export async function keep(): Promise<void> {
  const wanted = changes()
  try {
    await keepPreferences(wanted)
    written++
    server = { ...server, ...wanted }
    keeping.value = isChanged() ? 'keeping' : 'kept'
  } catch {
    keeping.value = 'failed'
  }
}

/** Takes what the server has; what is being changed here is later than that, and stays. */
async function look(): Promise<void> {
  const mine = ++asked
  const before = written
  // Whoever is offline has the copy of this browser.
  const account = await readMe().catch(() => null)
  if (!account || mine !== asked) return
  if (before !== written) return look()
  const own = changes()
  adopt(account.preferences)
  server = copied()
  adopt(own)
}

function changes(): Partial<Preferences> {
  const was = server as unknown as Record<string, unknown>
  const changed = Object.entries(copied()).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]),
  )
  return Object.fromEntries(changed)
}

function isChanged(): boolean {
  return Object.keys(changes()).length > 0
}

function copied(): Preferences {
  return JSON.parse(JSON.stringify(preferences)) as Preferences
}
