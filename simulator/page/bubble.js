// One message, drawn as its app would show it.
export function element(tag, about = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(about)) {
    if (name in made) made[name] = value
    else made.setAttribute(name, value)
  }
  made.append(...children.filter(Boolean))
  return made
}

export function drawBubble(bubble, words, press) {
  const drawn = element('article', { className: bubble.mine ? 'bubble mine' : 'bubble' })
  drawn.append(element('span', { className: 'hidden' }, `${bubble.mine ? words.you : words.them}: `))
  if (bubble.deleted) drawn.append(element('p', { className: 'gone' }, words.deleted))
  if (bubble.file) drawn.append(drawFile(bubble.file, words))
  if (bubble.place) drawn.append(element('p', {}, `${words.place}: ${bubble.place.join(', ')}`))
  if (bubble.text) drawn.append(element('p', { dir: 'auto' }, bubble.text))
  drawn.append(drawFoot(bubble, words))
  if (bubble.reaction) drawn.append(element('p', { className: 'reaction' }, bubble.reaction))
  if (!bubble.choices.length) return drawn
  return element('div', { className: 'asked' }, drawn, drawChoices(bubble, words, press))
}

function drawFoot(bubble, words) {
  const time = new Date(bubble.at)
  const shown = time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const parts = [words.way[bubble.way], bubble.edited && words.edited, shown].filter(Boolean).join(' · ')
  const foot = element('p', { className: 'foot' }, element('time', { dateTime: time.toISOString() }, parts))
  if (bubble.mine && !bubble.deleted) {
    const sign = { '': '◷', sent: '✓', read: '✓✓' }[bubble.ticks]
    const ticks = element('span', { className: `ticks ${bubble.ticks}`, 'aria-hidden': 'true' }, ` ${sign}`)
    foot.append(ticks, element('span', { className: 'hidden' }, `, ${words.ticks[bubble.ticks]}`))
  }
  return foot
}

function drawFile(file, words) {
  if (file.kind === 'image' || file.kind === 'sticker') {
    return element('img', { src: file.url, alt: `${words.image}: ${file.name}` })
  }
  if (file.kind === 'voice' || file.kind === 'audio') {
    return element('audio', { src: file.url, controls: true, preload: 'metadata', 'aria-label': words[file.kind] })
  }
  if (file.kind === 'video') {
    return element('video', { src: file.url, controls: true, preload: 'metadata', 'aria-label': words.video })
  }
  const link = element('a', { href: file.url, target: '_blank', rel: 'noopener' }, file.name)
  return element('p', { className: 'document' }, `${words.document}: `, link)
}

function drawChoices(bubble, words, press) {
  const buttons = bubble.choices.map((one) => {
    const taken = bubble.pressed.includes(one.id)
    const button = element('button', { type: 'button', className: 'choice' }, one.title)
    if (taken) button.append(element('span', { className: 'taken' }, ` ✓ ${words.chosen}`))
    button.addEventListener('click', () => press(bubble, one))
    return button
  })
  const group = element('div', { className: 'choices', role: 'group', 'aria-label': words.choices }, ...buttons)
  if (!bubble.opener) return group
  return element('details', { className: 'list' }, element('summary', {}, bubble.opener), group)
}
