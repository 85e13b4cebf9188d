/** Single-key shortcuts. Off inside fields, while a dialog or menu is open, and when the agent has switched them off. */
import { onMounted, onUnmounted } from 'vue'
import { shortcuts } from './preferences'

/**
 * Keys as `KeyboardEvent.key` names them, lower-case; `g q` is q within a second after g, `shift e` a capital one,
 * `mod k` together with Ctrl or ⌘, which also works inside fields and cannot be switched off.
 */
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
  if (event.defaultPrevented || within(event, '[role="menu"], [role="dialog"]')) return
  const action = find(event)
  if (!action) return
  event.preventDefault()
  action()
}

function find(event: KeyboardEvent): (() => void) | undefined {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  // Where the brackets need AltGr, browsers may tell it as Ctrl + Alt.
  const plain = event.getModifierState('AltGraph') || !(event.ctrlKey || event.metaKey || event.altKey)
  if (!plain) return event.altKey ? undefined : actionOf(`mod ${key}`)
  if (shortcuts.value === 'off' || within(event, 'input, textarea, select, [contenteditable]'))
    return undefined
  if (key === 'g') return void (chordUntil = event.timeStamp + CHORD_MS)
  const isChord = event.timeStamp < chordUntil
  chordUntil = 0
  if (isChord) return actionOf(`g ${key}`)
  return (event.shiftKey && actionOf(`shift ${key}`)) || actionOf(key)
}

function actionOf(key: string): (() => void) | undefined {
  return parts.findLast((actions) => key in actions)?.[key]
}

function within(event: KeyboardEvent, what: string): boolean {
  return (event.target as HTMLElement).closest(what) !== null
}
