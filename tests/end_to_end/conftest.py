"""A real product, a real Chromium. Errors on a page's console fail the test; screenshots stay in results/."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phone import Phone
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from product import ROOT, Product

from scripts import browser as chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENSHOTS = ROOT / "results" / "screenshots"
# A browser reports a lost connection as an error of the page; the tests that cut it expect that.
CUT = re.compile(r"net::ERR_|WebSocket connection to|Failed to load resource")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("product"))
    yield running
    running.stop()
    for port in running.ports.values():
        with socket.socket() as probe:  # whoever still listened would be found here
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", int(port)))


@pytest.fixture
def phone(product: Product) -> Phone:
    product.phone.changes_hands()
    return product.phone


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium.path(), args=FLAGS)
        yield opened
        opened.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewPage]:
    """A page in a browser of its own: other cookies, other storage."""
    contexts, errors = [], []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not CUT.search(message.text):
            errors.append(message.text)

    def open_page(language: str = "es", width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        locale = {"es": "es-MX", "en": "en-US"}[language]
        context = browser.new_context(
            locale=locale,
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]  # light or dark
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def keep(page: Page, name: str) -> Path:
    """A screenshot, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    page.screenshot(path=str(path))
    return path
