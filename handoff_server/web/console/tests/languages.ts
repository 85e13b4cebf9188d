/** Tests show pages in either language at once; the page itself fetches the one in use. */
if ('document' in globalThis) {
  const { speak } = await import('../i18n')
  const { language } = await import('../preferences')
  await speak('en')
  await speak('es')
  await speak(language.value)
}

export {}
