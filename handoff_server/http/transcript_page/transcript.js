// Beside each time in UTC, the same on the reader's own clock.
for (const time of document.querySelectorAll('time')) {
  const local = new Date(time.dateTime).toLocaleString(document.documentElement.lang, {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  time.textContent += ` · ${local}`
}
