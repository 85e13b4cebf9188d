// The page: one phone at a time, drawn from what the simulator tells, and what its owner does with it.
import { drawBubble, element } from '/bubble.js'
import { APPS, LANGUAGES, WORDS } from '/words.js'

const CHANNELS = Object.keys(APPS)
const by = (id) => document.getElementById(id)
const dark = matchMedia('(prefers-color-scheme: dark)')
let language = localStorage.getItem('language') || (navigator.language.startsWith('es') ? 'es' : 'en')
let channel = CHANNELS.includes(location.hash.slice(1)) ? location.hash.slice(1) : CHANNELS[0]
let state = null
let editing = null
const seen = {} // channel → how many of the hub's messages were on screen
const drawn = new Map() // id → what was drawn for it
const drafts = {}

const words = () => WORDS[language]
const phone = (name = channel) => state.phones.find((one) => one.channel === name)
const received = (one) => (one.bubbles || []).filter((bubble) => !bubble.mine)

async function ask(act, more = {}) {
  const body = JSON.stringify({ channel, act, ...more })
  try {
    const answer = await fetch('/act', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    by('problem').textContent = answer.ok ? '' : (await answer.json()).error
    return answer.ok
  } catch {
    by('problem').textContent = words().lost
    return false
  }
}

function speak() {
  document.documentElement.lang = language
  document.title = `${words().title} · Relevo`
  for (const one of document.querySelectorAll('[data-word]')) one.textContent = words()[one.dataset.word]
  const other = language === 'es' ? 'en' : 'es'
  by('language').textContent = LANGUAGES[other]
  by('language').lang = other
  by('tabs').setAttribute('aria-label', words().apps)
  by('log').setAttribute('aria-label', words().conversation)
  by('attach').setAttribute('aria-label', words().attach)
  by('text').placeholder = words().message
  drawn.clear()
  by('log').replaceChildren()
  drawAttach()
  drawCustomers()
}

function drawAttach() {
  const kinds = ['image', 'voice', 'document', 'place']
  by('attach').replaceChildren(
    ...kinds.map((kind) => {
      const button = element('button', { type: 'button', className: 'button small' }, words()[kind])
      button.addEventListener('click', () => ask('send', { kind }))
      return button
    }),
  )
}

function drawCustomers() {
  by('customers').replaceChildren(
    ...Object.entries(LANGUAGES).map(([code, name]) => {
      const button = element('button', { type: 'button', className: 'button' }, words().newCustomer(name))
      button.addEventListener('click', async () => {
        if (await ask('new', { language: code })) by('text').focus()
      })
      return button
    }),
  )
}

function drawTabs() {
  const tabs = by('tabs')
  if (!tabs.children.length) {
    for (const name of CHANNELS) {
      const tab = element('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'panel' })
      tab.append(element('span', {}, APPS[name]), element('span', { className: 'count' }))
      tab.addEventListener('click', () => show(name))
      tabs.append(tab)
    }
  }
  for (const name of CHANNELS) {
    const tab = by(`tab-${name}`)
    const news = Math.max(0, received(phone(name)).length - (seen[name] ?? 0))
    tab.setAttribute('aria-selected', String(name === channel))
    tab.tabIndex = name === channel ? 0 : -1
    const count = tab.lastElementChild
    count.replaceChildren(String(news), element('span', { className: 'hidden' }, ` ${words().unread}`))
    count.hidden = !news
  }
  by('panel').setAttribute('aria-labelledby', `tab-${channel}`)
}

function show(name) {
  drafts[channel] = by('text').value
  stopEditing()
  channel = name
  history.replaceState(null, '', `#${name}`)
  by('text').value = drafts[name] ?? ''
  drawn.clear()
  by('log').replaceChildren()
  draw()
}

function draw() {
  if (!state) return
  const one = phone()
  const played = Boolean(one.customer)
  for (const part of document.querySelectorAll('#phone, aside')) part.hidden = !played
  by('real').hidden = played
  by('realApp').textContent = APPS[channel]
  by('console').href = `${state.hub}/console/`
  by('phone').dataset.channel = channel
  if (played) {
    drawPhone(one)
    drawChanges(one)
    drawFaults(one)
    look(one)
  }
  drawTabs()
}

function drawPhone(one) {
  by('app').textContent = APPS[channel]
  by('holder').textContent = `${one.customer.name} · ${one.customer.id}`
  const log = by('log')
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80
  if (!one.bubbles.length || log.firstElementChild?.className === 'empty') log.replaceChildren()
  if (!one.bubbles.length) log.append(element('p', { className: 'empty' }, words().empty))
  const gone = new Set(drawn.keys())
  for (const bubble of one.bubbles) {
    gone.delete(bubble.id)
    place(log, bubble)
  }
  for (const id of gone) {
    drawn.get(id).shown.remove()
    drawn.delete(id)
  }
  const trouble = one.trouble === null ? '' : words().trouble(one.trouble)
  const said = trouble || (one.typing ? words().typing : '')
  if (by('typing').textContent !== said) by('typing').textContent = said
  by('typing').classList.toggle('bad', Boolean(trouble))
  if (atEnd) log.scrollTop = log.scrollHeight
}

// Only what has changed is drawn again: an open list stays open, and the focus where it was.
function place(log, bubble) {
  const facts = JSON.stringify(bubble)
  const before = drawn.get(bubble.id)
  if (before?.facts === facts) return
  const shown = drawBubble(bubble, words(), (asked, button) => ask('press', { bubble: asked.id, choice: button.id }))
  if (before) before.shown.replaceWith(shown)
  else log.append(shown)
  drawn.set(bubble.id, { facts, shown })
}

function drawChanges(one) {
  const last = one.bubbles.filter((bubble) => bubble.mine && !bubble.deleted).at(-1)
  const which = one.can.includes('delete') ? 'both' : 'edit'
  by('abilities').textContent = words().abilities[which]
  const heard = received(one).at(-1)
  const key = `${language} ${channel} ${one.can} ${last?.id} ${last?.text} ${heard?.id} ${heard?.reaction}`
  if (by('changes').dataset.key === key) return
  by('changes').dataset.key = key
  const buttons = ['edit', 'delete'].filter((name) => one.can.includes(name)).map((name) => {
    const button = element('button', { type: 'button', className: 'button' }, words()[name])
    button.disabled = !last || (name === 'edit' && !last.text)
    button.addEventListener('click', () => (name === 'edit' ? edit(last) : ask(name, { bubble: last.id })))
    return button
  })
  if (heard) buttons.push(drawReaction(heard))
  by('changes').replaceChildren(...buttons)
}

function drawReaction(heard) {
  const given = Boolean(heard.reaction)
  const button = element('button', { type: 'button', className: 'button' }, given ? words().unreact : words().react)
  button.addEventListener('click', () => ask('react', { bubble: heard.id, on: !given }))
  return button
}

function drawFaults(one) {
  const key = `${language} ${channel} ${JSON.stringify(one.faults)}`
  if (by('faults').dataset.key === key) return
  const focused = document.activeElement?.id
  by('faults').dataset.key = key
  by('faults').replaceChildren(...Object.entries(one.faults).map(([name, on]) => drawFault(name, on)))
  if (focused?.startsWith('fault-')) by(focused)?.focus()
}

function drawFault(name, on) {
  const [title, help] = words().fault[name]
  const box = element('input', { type: 'checkbox', id: `fault-${name}`, checked: on })
  box.setAttribute('aria-describedby', `help-${name}`)
  box.addEventListener('change', () => ask('fault', { fault: name, on: box.checked }))
  const label = element('label', { htmlFor: box.id }, title)
  return element('div', { className: 'fault' }, box, label, element('p', { id: `help-${name}` }, help))
}

// What is on screen has been read, as on a real phone.
function look(one) {
  const count = received(one).length
  if (document.hidden || count === seen[channel]) return
  seen[channel] = count
  if (count) ask('read')
}

function edit(bubble) {
  editing = bubble
  by('text').value = bubble.text
  by('send').textContent = words().save
  by('keep').hidden = false
  by('text').setAttribute('aria-description', words().editing)
  by('text').focus()
}

function stopEditing() {
  if (!editing) return
  editing = null
  by('text').value = ''
  by('send').textContent = words().send
  by('keep').hidden = true
  by('text').removeAttribute('aria-description')
}

async function submit(event) {
  event?.preventDefault()
  const text = by('text').value.trim()
  if (!text) return
  if (editing) {
    if (await ask('edit', { bubble: editing.id, text })) stopEditing()
    return
  }
  by('text').value = ''
  if (!(await ask('say', { text })) && !by('text').value) by('text').value = text
}

function moveTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  show(CHANNELS[(CHANNELS.indexOf(channel) + step + CHANNELS.length) % CHANNELS.length])
  by(`tab-${channel}`).focus()
}

function listen() {
  const news = new EventSource('/news')
  news.addEventListener('message', (event) => {
    by('lost').hidden = true
    state = JSON.parse(event.data)
    draw()
  })
  news.addEventListener('error', () => {
    by('lost').hidden = false
    if (news.readyState === EventSource.CLOSED) setTimeout(listen, 3000)
  })
}

function paint() {
  document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'
}

by('writing').addEventListener('submit', submit)
by('keep').addEventListener('click', stopEditing)
by('tabs').addEventListener('keydown', moveTab)
by('text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event)
  if (event.key === 'Escape') stopEditing()
})
by('language').addEventListener('click', () => {
  language = language === 'es' ? 'en' : 'es'
  localStorage.setItem('language', language)
  stopEditing()
  speak()
  draw()
})
document.addEventListener('visibilitychange', draw)
dark.addEventListener('change', paint)
paint()
speak()
listen()
