/** The field in which one writes: it grows with its text, and takes words in where the cursor is. */
import { nextTick, ref } from 'vue'

const MOST_ROWS_PX = 220

export function useField(changed: () => void) {
  const field = ref<HTMLTextAreaElement>()
  const text = ref('')
  const caret = ref(0)

  /** Other words, from elsewhere; the cursor stays where it is. */
  async function show(words: string): Promise<void> {
    const at = field.value === document.activeElement ? field.value?.selectionStart : undefined
    text.value = words
    await nextTick()
    if (at !== undefined) field.value?.setSelectionRange(at, at)
    fit()
  }

  function fit(): void {
    const element = field.value
    if (!element) return
    element.style.height = 'auto'
    element.style.height = `${Math.min(element.scrollHeight, MOST_ROWS_PX)}px`
  }

  /** Puts words in place of a part of the text; without one at the cursor, set off by blanks. */
  async function insert(words: string, part?: { start: number; end: number }): Promise<void> {
    const { start, end } = part ?? here()
    const before = text.value.slice(0, start)
    const after = text.value.slice(end)
    const blank = !part && before && !/\s$/.test(before) ? ' ' : ''
    text.value = before + blank + words + after
    changed()
    await nextTick()
    select(start + blank.length + words.length)
  }

  function here(): { start: number; end: number } {
    const { selectionStart: start = text.value.length, selectionEnd: end = start } = field.value ?? {}
    return { start, end }
  }

  function select(start: number, end = start): void {
    field.value?.focus()
    field.value?.setSelectionRange(start, end)
    moved()
    fit()
  }

  /** The cursor may have moved. */
  function moved(): void {
    caret.value = field.value?.selectionStart ?? 0
  }

  return { field, text, caret, show, fit, insert, select, moved }
}
