/** Tests show pages in either language at once; the page itself fetches the one in use. */
if ('document' in globalThis) {
  // Parts that come later are compiled first, on whatever machine; nothing is said here about how fast.
  const { configure } = await import('@testing-library/vue')
  configure({ asyncUtilTimeout: 5_000 })
  const { speak } = await import('../i18n')
  const { language } = await import('../preferences')
  await speak('en')
  await speak('es')
  await speak(language.value)
}

export {}
