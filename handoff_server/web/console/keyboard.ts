/** Single-key shortcuts. Off inside fields, while a dialog or menu is open, and when the agent has switched them off. */
import { onMounted, onUnmounted } from 'vue'
import { shortcuts } from './preferences'

/** Keys as `KeyboardEvent.key` names them, lower-case; `g q` is q within a second after g. */
export type Shortcuts = Record<string, () => void>

const CHORD_MS = 1000
/** Where two parts of the page want the same key, it is the one's that came later: what just appeared is meant. */
const parts: Shortcuts[] = []
let chordUntil = 0

export function useShortcuts(actions: Shortcuts): void {
  onMounted(() => {
    if (!parts.length) document.addEventListener('keydown', press)
    parts.push(actions)
  })
  onUnmounted(() => {
    parts.splice(parts.indexOf(actions), 1)
    if (!parts.length) document.removeEventListener('keydown', press)
  })
}

function press(event: KeyboardEvent): void {
  if (event.key === 'Escape') return actionOf('escape')?.()
  if (shortcuts.value === 'off' || busy(event)) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  if (key === 'g') return void (chordUntil = event.timeStamp + CHORD_MS)
  const action = actionOf(event.timeStamp < chordUntil ? `g ${key}` : key)
  chordUntil = 0
  if (!action) return
  event.preventDefault()
  action()
}

function actionOf(key: string): (() => void) | undefined {
  return parts.findLast((actions) => key in actions)?.[key]
}

function busy(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement
  const typing = target.closest('input, textarea, select, [contenteditable], [role="menu"], [role="dialog"]')
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing !== null
}
