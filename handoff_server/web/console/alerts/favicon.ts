/** The page's icon with a number on it, for whoever looks at another tab. */
const SIZE = 64
const MOST = 99

let plain: string | undefined

export async function showOnIcon(count: number): Promise<void> {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  if (!link) return
  plain ??= link.href
  link.href = count ? await drawn(plain, count) : plain
}

async function drawn(address: string, count: number): Promise<string> {
  const icon = new Image(SIZE, SIZE)
  icon.src = address
  await icon.decode()
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = SIZE
  const pen = canvas.getContext('2d')!
  pen.drawImage(icon, 0, 0, SIZE, SIZE)
  pen.fillStyle = '#b3261e'
  pen.beginPath()
  pen.arc(SIZE - 21, 21, 21, 0, 2 * Math.PI)
  pen.fill()
  pen.fillStyle = '#fff'
  pen.font = `bold ${count > 9 ? 26 : 34}px system-ui, sans-serif`
  pen.textAlign = 'center'
  pen.textBaseline = 'middle'
  pen.fillText(String(Math.min(count, MOST)), SIZE - 21, 23)
  return canvas.toDataURL()
}
