"""How a page looks, small enough to be kept: an eighth of its width and height. Chromium scales and compares."""

import base64

from playwright.sync_api import Locator, Page

SMALLER = 8
CELL = 4  # pixels of the small picture, 32 of the page: letters blur into the grey of their lines
FAR = 18  # of 255 in some colour; text in another font stays below
DECODE = """
const decoded = async (picture, smaller) => {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0))
  const whole = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const size = [whole.width, whole.height].map((one) => Math.round(one / smaller))
  const canvas = new OffscreenCanvas(...size)
  const context = canvas.getContext('2d')
  const [resizeWidth, resizeHeight] = size
  context.drawImage(await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'high' }), 0, 0)
  return { canvas, pixels: context.getImageData(0, 0, ...size).data }
}
"""
SHRINK = """async ([picture, smaller]) => {
  %s
  const { canvas } = await decoded(picture, smaller)
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())))
}"""
COMPARE = """async ([kept, taken, cell, far]) => {
  %s
  const [one, other] = [(await decoded(kept, cell)).pixels, (await decoded(taken, cell)).pixels]
  if (one.length !== other.length) return 1
  let differ = 0
  for (let at = 0; at < one.length; at += 4) {
    const colours = [0, 1, 2].map((colour) => Math.abs(one[at + colour] - other[at + colour]))
    if (Math.max(...colours) > far) differ += 1
  }
  return differ / (one.length / 4)
}"""


def look(page: Page, blank: Page, changing: list[Locator]) -> bytes:
    """A small PNG of what the page shows, with grey in place of what differs from one time to the next."""
    whole = page.screenshot(mask=changing, mask_color="#888888", animations="disabled")
    small: str = blank.evaluate(SHRINK.replace("%s", DECODE), [_text(whole), SMALLER])
    return base64.b64decode(small)


def difference(kept: bytes, taken: bytes, blank: Page) -> float:
    """The share of cells, 0 to 1, in which two looks are far from each other; 1 if their sizes differ."""
    share: float = blank.evaluate(COMPARE.replace("%s", DECODE), [_text(kept), _text(taken), CELL, FAR])
    return share


def _text(picture: bytes) -> str:
    return base64.b64encode(picture).decode()
