/** Finds texts that nobody shows and classes that nobody wears, in sources by path. */

/** Path → content. */
export type Sources = Record<string, string>

const QUOTED = /(['"`])((?:(?!\1)[^\\\n])*)\1/g
const STYLE = /<style[^>]*>([\s\S]*?)<\/style>/g

const matches = (text: string, pattern: RegExp, group = 1) =>
  [...text.matchAll(pattern)].map((found) => found[group] ?? '')

/** The values that a variable part of a key may have: what some source writes in quotes, or as the name of a field or entry. */
export function wordsOf(sources: Sources): Set<string> {
  const all = Object.values(sources).flatMap((source) => [
    ...matches(source, QUOTED, 2).flatMap((text) => text.split(/_?[^\w-]+_?/)),
    ...matches(source, /\b(\w+)\??:/g),
    ...matches(source, /^ *- (\w+)$/gm),
  ])
  return new Set(all)
}

/**
 * A key is used if a source names it in quotes: as a whole; as a pattern such as `authors.${author}` that begins with
 * a fixed word, while the variable part is one of `words`; or by its group, as in name('channels', channel), again
 * with one of `words`. Several words may be joined by underscores, and a platform's number is one.
 */
export function unusedKeys(keys: string[], sources: Sources, words: Set<string>): string[] {
  const code = Object.values(sources).join('\n')
  const named = new Set(matches(code, /(?:'([\w.-]+)')/g))
  const patterns = [...new Set(matches(code, /`([\w-]+\.[^`\n]*\$\{[^`\n]*)`/g))].map(
    (text) => new RegExp(`^${text.replaceAll('.', '\\.').replace(/\$\{(?:[^{}]|\{[^}]*\})*\}/g, '(.+?)')}$`),
  )
  const variable = (key: string) =>
    patterns.some((pattern) =>
      pattern
        .exec(key)
        ?.slice(1)
        .every((part) => known(part, words)),
    )
  const naming = Object.values(sources).filter((source) => /useName\(|`\$\{/.test(source))
  const groups = new Set(
    naming.flatMap((source) => [...matches(source, /'([\w.]+)'/g), ...matches(source, /\b(\w+): /g)]),
  )
  const byGroup = (key: string) => {
    const [, group, word] = /^(.+)\.([^.]+)$/.exec(key) ?? []
    return !!group && !!word && groups.has(group) && known(word, words)
  }
  return keys.filter((key) => !named.has(key) && !variable(key) && !byGroup(key))
}

function known(part: string, words: Set<string>): boolean {
  if (words.has(part) || /^\d+$/.test(part)) return true
  const cuts = [...part.matchAll(/_/g)].map(({ index }) => index)
  return cuts.some((at) => words.has(part.slice(0, at)) && known(part.slice(at + 1), words))
}

/**
 * A class is used if a template or a script names it; a scoped one, if its own file or a component in it does. Where
 * a template takes it from a variable, it is one of the words that any source has in quotes.
 */
export function unusedClasses(sources: Sources): string[] {
  const code = Object.entries(sources)
    .filter(([path]) => !path.endsWith('.css'))
    .map(([path, source]) => [path, source.replace(STYLE, '')] as const)
  const values = new Set(code.flatMap(([, source]) => matches(source, QUOTED, 2)))
  const bodies = Object.fromEntries(code.map(([path, source]) => [path, worn(source, values)]))
  const anywhere = new Set(Object.values(bodies).flatMap((classes) => [...classes]))
  return Object.entries(sources).flatMap(([path, source]) => {
    const style = path.endsWith('.css') ? source : matches(source, STYLE).join('\n')
    const near = /<style scoped>/.test(source) ? nearby(path, source, bodies) : anywhere
    return [...classesIn(style)].filter((name) => !near.has(name)).map((name) => `${path}: .${name}`)
  })
}

function classesIn(style: string): Set<string> {
  const selectors = style.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\{[^{}]*\}/g, '{}')
  return new Set(matches(selectors, /\.([a-zA-Z_][\w-]*)/g))
}

/** Words of class attributes; in a bound one those of its expression, and of a script what stands in quotes. */
function worn(source: string, values: Set<string>): Set<string> {
  const attributes = matches(source, /\bclass="([^"]*)"/g)
  const quoted = /\bclass:|classList/.test(source) ? matches(source, QUOTED, 2) : []
  const variable = /:class="\[?\w[\w.[\]]*[,\]"]/.test(source) ? [...values] : []
  return new Set([...[...attributes, ...quoted].flatMap((text) => text.split(/[^\w-]+/)), ...variable])
}

function nearby(path: string, source: string, bodies: Record<string, Set<string>>): Set<string> {
  const folder = path.replace(/[^/]*$/, '')
  const files = matches(source, /(?:from|import\()\s*'([^']+\.vue)'/g).map(
    (name) => new URL(name, `file://x${folder}`).pathname,
  )
  return new Set([path, ...files].flatMap((name) => [...(bodies[name] ?? [])]))
}
