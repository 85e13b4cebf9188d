/** What stands in the way of sending what is written, as a key of the texts and its values; null: nothing. */
import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { clock } from '../clock'
import { useDesk } from '../desk'
import { isMine, oversees } from '../model/permission'
import type { DraftKind } from '../model/drafts'
import type { Conversation } from '../model/protocol'
import { hurry, reach } from '../model/window'
import { useName } from '../name'
import { useMoment } from '../time'

/** Of the server; what a platform takes less of, the server sends in parts. */
const MOST = 4000

export function useSending(conversation: () => Conversation, kind: Ref<DraftKind>, text: Ref<string>) {
  const { t } = useI18n()
  const { me, state } = useDesk()
  const channel = useName()
  const moment = useMoment()

  const mine = computed(() => isMine(conversation(), me.value))
  /** What a supervisor notes beside a colleague's conversation is meant for the colleague. */
  const whispers = computed(() => conversation().owner === 'agent' && !mine.value && oversees(me.value))
  const within = computed(() => reach(conversation(), clock.value))
  const shut = computed(() => within.value.kind === 'template' || within.value.kind === 'closed')
  const closed = computed(() => kind.value === 'reply' && (!mine.value || shut.value))
  const tooLong = computed(() => text.value.trim().length > MOST)

  const placeholder = computed(() => {
    const { owner, assignee_id } = conversation()
    const name = state.value.agents[assignee_id ?? '']?.name ?? t('colleague')
    if (kind.value === 'reply' && !mine.value) return t(`composer.${owner}`, { name })
    if (closed.value) return t('composer.shut')
    return t(`composer.${whispers.value ? 'whisper' : kind.value}_placeholder`, { name })
  })

  /** What the platform still allows, where that is not all or not for long. */
  const allowed = computed(() => {
    if (kind.value === 'note' || !mine.value) return ''
    const name = channel('channels', conversation().channel)
    const one = within.value
    if (one.kind !== 'open') {
      return t(`composer.window_${one.kind}`, { name, until: 'until' in one ? moment(one.until) : '' })
    }
    const isEnding = one.until !== null && hurry(one.until, clock.value)
    return isEnding ? t('composer.window_ends', { name, until: moment(one.until!) }) : ''
  })

  return { whispers, closed, most: MOST, tooLong, placeholder, allowed, shut }
}
