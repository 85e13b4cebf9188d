/** What a page of the settings asks the server for as it opens, and what is to be said where that failed. */
import { onMounted, ref, shallowRef } from 'vue'
import { useRefusal } from '../refusal'

export function useLoaded<What>(read: () => Promise<What>) {
  const told = useRefusal()
  const loaded = shallowRef<What>()
  const problem = ref('')

  async function load(): Promise<void> {
    try {
      loaded.value = await read()
      problem.value = ''
    } catch (error) {
      problem.value = told(error)
    }
  }

  onMounted(load)
  return { loaded, problem, load }
}
