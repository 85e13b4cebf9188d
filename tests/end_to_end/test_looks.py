"""Pages beside small pictures of how they should look, in looks/. UPDATE=1 in the environment takes them anew.

Another font or a longer word is forgiven; a missing panel, the wrong theme, a broken layout is not.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import NewPage
from look import difference, look
from pages import Console, Shop
from playwright.sync_api import Browser, Page, expect
from product import Product

LOOKS = Path(__file__).parent / "looks"
MOST = 0.04  # of a page
HEIGHTS = {1440: 900, 400: 800}
WISH = "quiero saber si abren el sábado"
# Their colours and words differ from one customer and one minute to the next.
CHANGING = (".avatar", ".at", ".chip", ".day", "time")

# They come when the assistant has them, sooner or later.
NO_SUGGESTIONS = """() => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('.suggestions { display: none !important }')
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
}"""


@dataclass(frozen=True)
class Desk:
    """Of an agent with one conversation, whatever other tests have left with the others."""

    url: str
    email: str
    password: str
    conversation: str

    def opens(self, page: Page) -> Console:
        return Console(page, self.url, "es", self.email, self.password)


@pytest.fixture
def blank(new_page: NewPage) -> Page:
    """Where pictures are scaled and compared; it has no policy that forbids that."""
    return new_page()


@pytest.fixture(scope="module")
def desk(product: Product, browser: Browser) -> Iterator[Desk]:
    email, password = product.newcomer("Noa Prieto")
    customer, agent = browser.new_context(locale="es-MX"), browser.new_context(locale="es-MX")
    console = Console(agent.new_page(), product.url, "es", email, password)
    shop = Shop(customer.new_page(), product.url, "es")
    shop.is_answered("¿a qué hora abren?")
    shop.joins_the_queue()
    console.opens_newest_in_queue(shop.says_case())
    console.does("claim")
    console.replies("Hola, soy Noa. ¿En qué te ayudo?")
    shop.say(WISH)
    console.sees(WISH)
    yield Desk(product.url, email, password, urlsplit(console.page.url).path)
    customer.close()
    agent.close()


def the_log_in(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/console/")
    expect(page.get_by_role("textbox").first).to_be_visible()


def the_inbox(page: Page, desk: Desk) -> None:
    console = desk.opens(page)
    page.goto(desk.url + desk.conversation)
    page.evaluate(NO_SUGGESTIONS)
    console.sees(WISH)
    expect(page.get_by_role("textbox", name=console.words["composer"]["reply"])).to_be_enabled()
    console.log.evaluate("(log) => log.scrollTo(0, log.scrollHeight)")
    page.wait_for_load_state("networkidle")


def the_profile(page: Page, desk: Desk) -> None:
    desk.opens(page)
    page.goto(f"{desk.url}/console/settings/me")
    expect(page.get_by_role("slider")).to_be_visible()


def the_widget(page: Page, desk: Desk) -> None:
    shop = Shop(page, desk.url, "es")
    shop.is_answered("hola")
    expect(page.locator("handoff-chat .replies button").first).to_be_visible()


def taken(page: Page, blank: Page) -> bytes:
    return look(page, blank, [page.locator(name) for name in CHANGING])


@pytest.mark.parametrize(
    ("show", "scheme", "width"),
    [
        (the_log_in, "light", 1440),
        (the_log_in, "dark", 1440),
        (the_inbox, "light", 1440),
        (the_inbox, "dark", 1440),
        (the_inbox, "light", 400),
        (the_profile, "light", 1440),
        (the_profile, "dark", 400),
        (the_widget, "light", 1440),
        (the_widget, "dark", 400),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_a_page_looks_as_before(
    desk: Desk, new_page: NewPage, blank: Page, show: Callable[[Page, Desk], None], scheme: str, width: int
) -> None:
    page = new_page("es", width=width, height=HEIGHTS[width], scheme=scheme)
    show(page, desk)
    now, kept = taken(page, blank), LOOKS / f"{show.__name__}-{scheme}-{width}.png"
    if os.environ.get("UPDATE"):
        kept.write_bytes(now)
    assert difference(kept.read_bytes(), now, blank) <= MOST, f"look at it; UPDATE=1 takes {kept.name} anew"


HIDE = "(name) => document.querySelectorAll(name).forEach((one) => { one.style.display = 'none' })"
BREAKS: dict[str, Callable[[Page], object]] = {
    "no context": lambda page: page.get_by_role("heading", level=1).press("i"),
    "no list": lambda page: page.evaluate(HIDE, ".inbox > .list"),
    "no composer": lambda page: page.evaluate(HIDE, ".composer"),
    "no messages": lambda page: page.evaluate(HIDE, '[role="log"] > *'),
    "dark": lambda page: page.evaluate("document.documentElement.dataset.theme = 'dark'"),
    "no columns": lambda page: page.evaluate("document.querySelector('.inbox').style.display = 'block'"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_broken_is_found(desk: Desk, new_page: NewPage, blank: Page, broken: str) -> None:
    page = new_page("es")
    the_inbox(page, desk)
    whole = taken(page, blank)
    BREAKS[broken](page)
    assert difference(whole, taken(page, blank), blank) > MOST


def test_another_font_is_forgiven(desk: Desk, new_page: NewPage, blank: Page) -> None:
    page = new_page("es")
    the_inbox(page, desk)
    whole = taken(page, blank)
    page.evaluate("document.body.style.fontFamily = 'serif'")
    changed = taken(page, blank)
    assert changed != whole
    assert difference(whole, changed, blank) <= MOST
