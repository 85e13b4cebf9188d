const ADDRESS = /https?:\/\/[^\s<>"'`]+[^\s<>"'`.,;:!?)\]}»”]/gi

/** Text as nodes: words as text, http(s) addresses as links, nothing as markup. */
export function linkified(text: string): (Text | HTMLAnchorElement)[] {
  const nodes: (Text | HTMLAnchorElement)[] = []
  let end = 0
  for (const found of text.matchAll(ADDRESS)) {
    nodes.push(document.createTextNode(text.slice(end, found.index)))
    nodes.push(link(found[0]))
    end = found.index + found[0].length
  }
  nodes.push(document.createTextNode(text.slice(end)))
  return nodes.filter((node) => node.textContent !== '')
}

function link(address: string): HTMLAnchorElement {
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.target = '_blank'
  anchor.rel = 'noopener noreferrer nofollow'
  anchor.textContent = address
  return anchor
}
