"""The pictures of the README, taken of the real product with made-up customers:

PYTHONPATH=. .venv/server/bin/python tests/end_to_end/pictures.py
"""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from conftest import FLAGS
from pages import Console, Shop
from playwright.sync_api import Browser, Page, expect, sync_playwright
from product import ROOT, Product

from scripts import browser as chromium

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1440, "height": 900}
BOX = """<body style="margin:0"><svg width="480" height="360" viewBox="0 0 480 360" xmlns="http://www.w3.org/2000/svg">
<rect width="480" height="360" fill="#d8cfc4"/><rect y="250" width="480" height="110" fill="#b59f88"/>
<ellipse cx="245" cy="306" rx="170" ry="20" fill="#000" opacity=".18"/>
<path d="M110 140 250 170 250 310 110 270Z" fill="#b98248"/><path d="M250 170 375 135 375 262 250 310Z" fill="#a06c38"/>
<path d="M110 140 235 112 375 135 250 170Z" fill="#8a5a2c"/><path d="M110 140 235 112 205 72 84 104Z" fill="#cf9a5e"/>
<path d="M375 135 250 170 296 206 414 160Z" fill="#c08a50"/><path d="M162 152 190 158 190 292 162 284Z" fill="#e6c892"/>
<path d="M283 232 306 214 318 240 341 226 330 262 300 274Z" fill="#2c2118"/>
<path d="M306 214 322 196 330 222Z" fill="#d9ad75"/></svg></body>"""
ELENA = ("¿Dónde está mi pedido?", "RX-4821", "elena@example.com")
BROKEN = "El repartidor me mandó esta foto: la caja viene rota"
HELLO = "Hola, Elena, soy Marta. Ya vi la foto y tu pedido: si la mochila llega dañada, te la cambiamos sin costo."
WISH = "¡Gracias! Entonces paso por la tienda. ¿A qué hora abren el sábado?"


WEBP = """async (picture) => {
  const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0))
  const whole = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const canvas = new OffscreenCanvas(whole.width, whole.height)
  canvas.getContext('2d').drawImage(whole, 0, 0)
  const read = new FileReader()
  read.readAsDataURL(await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 }))
  await new Promise((done) => read.addEventListener('load', done))
  return read.result.split(',')[1]
}"""


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder)
        product = Product(folder)
        try:
            with _browser() as browser:
                take_inbox(browser, product.url, product.accounts["marta@demo.example"])
                take_dashboard(browser, product.url, product.accounts["lucia@demo.example"])
        finally:
            product.stop()


def take_inbox(browser: Browser, url: str, password: str) -> None:
    """A conversation that was taken over, light and in Spanish, among others."""
    box = _photograph(browser)
    marta = Console(_page(browser, "es-MX"), url, "es", "marta@demo.example", password)
    shop = Shop(_page(browser, "es-MX"), url, "es")
    for words in ELENA:
        shop.is_answered(words)
    _sends(shop, BROKEN, box)
    shop.joins_the_queue()
    marta.opens_newest_in_queue("te paso con una persona")
    marta.does("claim")
    marta.replies(HELLO)
    shop.hears(HELLO)
    shop.say(WISH)
    marta.sees(WISH)
    _waits(browser, url)

    page = marta.page
    page.get_by_role("tab", name=marta.words["tabs"]["all"]).click()
    marta.log.locator("img").last.scroll_into_view_if_needed()
    _keep(browser, page, "inbox")


def take_dashboard(browser: Browser, url: str, password: str) -> None:
    """The supervisor's, dark and in English."""
    lucia = Console(_page(browser, "en-US", "dark"), url, "en", "lucia@demo.example", password)
    page = lucia.page
    page.goto(f"{url}/console/dashboard")
    expect(page.get_by_role("row").filter(has_text="Lucía Ferrer")).to_contain_text(lucia.words["presence"]["online"])
    page.get_by_role("radio", name="30").check(force=True)
    expect(page.locator(".value").first).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")
    _keep(browser, page, "dashboard")


def _fill(folder: Path) -> None:
    """A month of other customers, so that lists and measures have something to show."""
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/relevo.db"}
    for command in ("migrate", "demo-month"):
        subprocess.run([sys.executable, "-m", "handoff_server", command], cwd=ROOT, env=environment, check=True)


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.path(), args=FLAGS)
        yield opened
        opened.close()


def _page(browser: Browser, locale: str, scheme: Any = "light") -> Page:
    return browser.new_context(locale=locale, viewport=SIZE, color_scheme=scheme).new_page()  # type: ignore[arg-type]


def _photograph(browser: Browser) -> bytes:
    """What the customer sends: a parcel with a hole, drawn here."""
    page = browser.new_page(viewport={"width": 480, "height": 360})
    page.set_content(BOX)
    return page.screenshot()


def _sends(shop: Shop, text: str, picture: bytes) -> None:
    page = shop.page
    page.locator("handoff-chat input[type=file]").set_input_files(
        {"name": "caja.png", "mimeType": "image/png", "buffer": picture}
    )
    expect(page.locator("handoff-chat .files li")).to_have_count(1)
    shop.say(text)


def _waits(browser: Browser, url: str) -> None:
    """Somebody else, who is still waiting."""
    shop = Shop(_page(browser, "en-US"), url, "en")
    shop.is_answered("My payment was declined, but I was charged")
    shop.joins_the_queue()


def _keep(browser: Browser, page: Page, name: str) -> None:
    """As WebP, a third of what a PNG weighs."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    whole = base64.b64encode(page.screenshot(animations="disabled")).decode()
    small = browser.new_page().evaluate(WEBP, whole)
    (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(small))


if __name__ == "__main__":
    main()
