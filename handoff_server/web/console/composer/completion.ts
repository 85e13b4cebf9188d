/** What a `/word` or an `@name` that is being typed may mean, and the keys that choose. */
import { computed, ref, watch, type Ref } from 'vue'
import { tokenAt, type Sign, type Token } from '../model/token'

export interface Option {
  id: string
  title: string
  detail: string
  /** What takes the place of what was typed. */
  words: string
  /** The words' language, where that is not the customer's. */
  language?: string
}

interface Around {
  text: Ref<string>
  caret: Ref<number>
  options(token: Token): Option[]
  signs(): Sign[]
  picked(option: Option, token: Token): void
}

export function useCompletion({ text, caret, options, signs, picked }: Around) {
  const active = ref(0)
  /** What was waved away stays away until another word is begun. */
  const dismissed = ref(-1)

  const token = computed(() => {
    const found = tokenAt(text.value, caret.value)
    return found && signs().includes(found.sign) && found.start !== dismissed.value ? found : null
  })
  const shown = computed(() => (token.value ? options(token.value) : []))

  watch(
    () => [token.value?.start, token.value?.word],
    () => (active.value = 0),
  )
  watch(text, (words) => {
    if (dismissed.value >= 0 && !'/@'.includes(words[dismissed.value] ?? ' ')) dismissed.value = -1
  })

  function pick(option: Option | undefined): void {
    if (option && token.value) picked(option, token.value)
  }

  /** True when the key was meant for the list. */
  function press(event: KeyboardEvent): boolean {
    const count = shown.value.length
    if (!count || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false
    const keys: Record<string, () => void> = {
      ArrowDown: () => (active.value = (active.value + 1) % count),
      ArrowUp: () => (active.value = (active.value + count - 1) % count),
      ...(!event.shiftKey && {
        Enter: () => pick(shown.value[active.value]),
        Tab: () => pick(shown.value[active.value]),
      }),
      Escape: () => (dismissed.value = token.value?.start ?? -1),
    }
    const act = keys[event.key]
    if (!act) return false
    event.preventDefault()
    event.stopPropagation()
    act()
    return true
  }

  return { token, shown, active, press, pick }
}
