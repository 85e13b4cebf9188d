/** The names that supervisors have given to teams and dispositions, in the agent's language. */
import { useDesk } from './desk'
import type { Name } from './model/protocol'
import { useName } from './name'
import { language } from './preferences'

export function usePolicy() {
  const { policy } = useDesk()
  const name = useName()

  function worded(words: Name | undefined): string | undefined {
    return words && (words[language.value] ?? Object.values(words)[0])
  }

  return {
    policy,
    worded,
    team: (id: string) => worded(policy.value.teams.find((one) => one.id === id)?.name) ?? name('teams', id),
    disposition: (id: string) =>
      worded(policy.value.dispositions.find((one) => one.id === id)?.name) ?? name('dispositions', id),
  }
}
