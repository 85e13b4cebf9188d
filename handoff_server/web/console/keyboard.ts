/** Single-key shortcuts. Off inside fields, while a dialog or menu is open, and when the agent has switched them off. */
import { onMounted, onUnmounted } from 'vue'
import { shortcuts } from './preferences'

/** Keys as `KeyboardEvent.key` names them, lower-case; `g q` is q within a second after g. */
export type Shortcuts = Record<string, () => void>

const CHORD_MS = 1000

export function useShortcuts(actions: Shortcuts): void {
  let chordUntil = 0
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return void actions.escape?.()
    if (shortcuts.value === 'off' || busy(event)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (key === 'g') return void (chordUntil = event.timeStamp + CHORD_MS)
    const action = actions[event.timeStamp < chordUntil ? `g ${key}` : key]
    chordUntil = 0
    if (!action) return
    event.preventDefault()
    action()
  }
  onMounted(() => document.addEventListener('keydown', press))
  onUnmounted(() => document.removeEventListener('keydown', press))
}

function busy(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  const typing = target.closest('input, textarea, select, [contenteditable], [role="menu"], [role="dialog"]')
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing !== null
}
