import type { Extend } from '../extras'
import { Files } from './files'
import { Menu } from './menu'
import styles from './more.css?inline'
import { shown } from './shown'

/** Puts the extras into an open chat. */
export const extend: Extend = (host) => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  host.root.adoptedStyleSheets.push(sheet)
  const menu = new Menu(host)
  const files = new Files(host)
  return {
    get ready() {
      return files.ready
    },
    sent: () => files.sent(),
    shown: (attachments, language) => shown(attachments, host.server, language),
    render: (language) => {
      menu.render(language)
      files.render(language)
    },
  }
}
