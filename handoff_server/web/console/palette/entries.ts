/** Everything that can be done now, by its words. */
import { computed } from 'vue'
import { clock } from '../clock'
import type { Option } from '../composer/completion'
import { useOffers } from '../composer/offers'
import { useCustomerName } from '../customer'
import { useDesk } from '../desk'
import { matches, TABS } from '../model/inbox'
import { isMine, moves, oversees, type Move } from '../model/permission'
import type { Conversation } from '../model/protocol'
import { reach } from '../model/window'
import { useName } from '../name'
import { density, language, LANGUAGES, theme, THEMES } from '../preferences'
import { show, showDashboard, showSettings } from '../router'
import { usePaletteWords } from './words'

const CONVERSATIONS = 8
const KEYS: Partial<Record<Move, string>> = {
  claim: 'T',
  take_over: 'T',
  decline: 'X',
  resolve: 'E',
  transfer: 'M',
  snooze: 'S',
  wake: 'S',
  return: 'B',
}

export interface Entry {
  id: string
  words: string
  keys?: string
  run: () => void
}

export interface Group {
  name: string
  entries: Entry[]
}

export interface Acts {
  move(what: Move): void
  write(kind: 'reply' | 'note'): void
  /** Into what is being written to the customer. */
  put(reply: Option): void
  askBot(): void
  help(): void
  logOut(): void
}

/** @param open the conversation that is open beside it */
export function useEntries(open: () => Conversation | undefined, acts: Acts, words: () => string) {
  const { t } = usePaletteWords()
  const name = useName()
  const customerName = useCustomerName()
  const { me, online, lists, setPresence } = useDesk()
  const { replies } = useOffers(() => open()!)

  function ofConversation(): Entry[] {
    const conversation = open()
    if (!conversation) return []
    const possible = online.value ? moves(conversation, me.value) : []
    const made = possible.map((what) => ({
      id: what,
      words: t(`actions.${what}`),
      keys: KEYS[what],
      run: () => acts.move(what),
    }))
    const reply = { id: 'reply', words: t('keys.reply'), keys: 'R', run: () => acts.write('reply') }
    const note = { id: 'note', words: t('keys.note'), keys: 'N', run: () => acts.write('note') }
    const bot = { id: 'bot', words: t('palette.ask_bot'), run: acts.askBot }
    return [...(isMine(conversation, me.value) ? [reply, bot] : []), note, ...made]
  }

  /** Also with the sign by which the composer finds them. */
  function canned(): Entry[] {
    const conversation = open()
    if (!words() || !conversation || !isMine(conversation, me.value)) return []
    if (['template', 'closed'].includes(reach(conversation, clock.value).kind)) return []
    return replies(words().replace(/^\//, '')).map((reply) => ({
      id: reply.id,
      words: `${reply.title} · ${reply.detail}`,
      run: () => acts.put(reply),
    }))
  }

  function places(): Entry[] {
    const tabs = TABS.map((tab) => ({
      id: tab,
      words: t('palette.to', { place: t(`tabs.${tab}`) }),
      keys: `G ${tab[0]!.toUpperCase()}`,
      run: () => show(tab, open()?.id),
    }))
    const to = (id: string, keys: string, run: () => void) => ({
      id,
      words: t('palette.to', { place: t(id) }),
      keys,
      run,
    })
    return [
      ...tabs,
      ...(oversees(me.value) ? [to('dashboard', 'G D', showDashboard)] : []),
      to('settings', 'G ,', () => showSettings()),
    ]
  }

  function own(): Entry[] {
    const presences = (['online', 'away'] as const)
      .filter((one) => online.value && one !== me.value.presence)
      .map((one) => ({
        id: one,
        words: `${t('presence.label')}: ${t(`presence.${one}`)}`,
        run: () => void setPresence(one),
      }))
    const themes = THEMES.filter((one) => one !== theme.value).map((one) => ({
      id: `theme ${one}`,
      words: `${t('menu.theme')}: ${t(`themes.${one}`)}`,
      run: () => void (theme.value = one),
    }))
    const languages = LANGUAGES.filter((one) => one !== language.value).map((one) => ({
      id: `language ${one}`,
      words: `${t('menu.language')}: ${t(`language_names.${one}`)}`,
      run: () => void (language.value = one),
    }))
    const other = density.value === 'compact' ? 'comfortable' : 'compact'
    return [
      ...presences,
      ...themes,
      ...languages,
      { id: 'density', words: t(`palette.${other}`), run: () => void (density.value = other) },
      { id: 'help', words: t('menu.shortcuts'), keys: '?', run: acts.help },
      { id: 'log_out', words: t('menu.log_out'), run: acts.logOut },
    ]
  }

  function conversations(): Entry[] {
    const found = lists.value.all.filter((one) => words() && matches(customerName(one), words()))
    return found.slice(0, CONVERSATIONS).map((one) => ({
      id: one.id,
      words: `${customerName(one)} · ${name('channels', one.channel)}`,
      run: () => show(one.owner === 'agent' && one.assignee_id === me.value.id ? 'mine' : 'all', one.id),
    }))
  }

  return computed((): Group[] =>
    [
      { name: 'conversation', entries: ofConversation() },
      { name: 'places', entries: places() },
      { name: 'own', entries: own() },
    ]
      .map(({ name, entries }) => ({ name, entries: entries.filter((one) => matches(one.words, words())) }))
      .toSpliced(
        1,
        0,
        { name: 'canned', entries: canned() },
        { name: 'conversations', entries: conversations() },
      )
      .filter(({ entries }) => entries.length > 0),
  )
}
