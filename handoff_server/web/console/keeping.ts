/** Preferences follow the agent from browser to browser: fetched once, and kept on the server after every change. */
import { onMounted, ref, watch } from 'vue'
import { adopt, preferences } from './preferences'
import { keepPreferences, readMe } from './server/me'

const CALM_MS = 800
/** `kept`: the server has what is shown here. */
export const keeping = ref<'kept' | 'keeping' | 'failed'>('kept')
let server = ''
let timer: ReturnType<typeof setTimeout> | undefined

const shown = () => JSON.stringify(preferences)

/** To be used once, by what lives as long as the agent is logged in. */
export function usePreferencesOfAgent(): void {
  onMounted(async () => {
    // Whoever is offline has the copy of this browser.
    const account = await readMe().catch(() => null)
    if (!account) return
    adopt(account.preferences)
    server = shown()
  })
  watch(preferences, () => {
    clearTimeout(timer)
    if (!server || shown() === server) return void (keeping.value = 'kept')
    keeping.value = 'keeping'
    timer = setTimeout(() => void keep(), CALM_MS)
  })
}

export async function keep(): Promise<void> {
  const wanted = shown()
  try {
    await keepPreferences({ ...preferences })
    server = wanted
    keeping.value = shown() === wanted ? 'kept' : 'keeping'
  } catch {
    keeping.value = 'failed'
  }
}
