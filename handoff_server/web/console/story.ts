/** What happened, as a sentence in the agent's language. */
import { useTexts } from './conversation/texts'
import { useDesk } from './desk'
import { duration } from './model/duration'
import type { TimelineEvent } from './model/protocol'
import { useName } from './name'
import { usePolicy } from './policy'
import { useMoment } from './time'

export function useStory(): (event: TimelineEvent) => string {
  const { t, te } = useTexts()
  const { state } = useDesk()
  const name = useName()
  const moment = useMoment()
  const { team, disposition } = usePolicy()

  const agent = (id: unknown) => state.value.agents[text(id)]?.name ?? t('colleague')

  return (event) => {
    const { actor, data } = event
    const key = versions(event)
      .map((version) => `events.${version}`)
      .find((one) => te(one))
    if (!key) return t('events.unknown', { name: event.name })
    return t(key, {
      name: actor.name ?? name('authors', actor.kind),
      agent: agent(data.agent_id ?? data.to_agent),
      team: team(text(data.team)),
      reason: name('reasons', text(data.reason)),
      disposition: disposition(text(data.disposition)),
      language: name('languages', text(data.language)),
      promise: name('promises', text(data.promise)),
      waited: duration(number(data.waited_ms)),
      until: moment(number(data.until ?? data.due_at)),
      key: text(data.key),
      csat: text(data.csat),
      nps: text(data.nps),
    })
  }
}

/** The sentence for what the event tells in particular, before the one for all of its kind. */
function versions({ name, data }: TimelineEvent): string[] {
  const plain = name.replaceAll('.', '_')
  const special = ['why', 'verdict', 'outcome'].map((field) => text(data[field])).filter(Boolean)
  const given = ['callback', 'team', 'to_agent', 'until', 'csat', 'nps'].filter(
    (field) => ![undefined, null, false].includes(data[field] as null),
  )
  return [...special, ...given].map((one) => `${plain}_${one}`).concat(plain)
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0
}
