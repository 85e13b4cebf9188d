"""How agents find their way in the inbox: lists that stand still, search, the palette, and being called."""

import re

import pytest
from conftest import NewPage, keep
from pages import Console, Shop
from playwright.sync_api import Page, expect
from product import Product
from test_pages import violations

ROWS = "#rows [data-conversation]"
# What a browser shows outside of its window cannot be looked at; what it is asked to show can.
WRITE_DOWN = """
  window.shown = []
  window.Notification = class {
    static permission = 'granted'
    constructor(title, options) { window.shown.push({ title, ...options, click: () => this.onclick() }) }
    close() {}
  }
  document.hasFocus = () => !window.away
"""


def presses(page: Page, keys: str) -> None:
    page.locator("#rows").focus()
    page.keyboard.press(keys)


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_an_agent_finds_what_was_said_and_is_called_when_it_matters(
    product: Product, new_page: NewPage, language: str, scheme: str
) -> None:
    said = {"es": "mi ornitorrinco llegó roto", "en": "my platypus arrived broken"}[language]
    page = new_page(language, scheme=scheme)
    page.context.add_init_script(WRITE_DOWN)
    email, password = product.newcomer({"es": "Alma Ríos", "en": "Bruno Vidal"}[language])
    agent = Console(page, product.url, language, email, password)
    words = agent.words
    shop = Shop(new_page(language), product.url, language)
    shop.say(said)
    shop.joins_the_queue()

    # Into the queue: the title counts it, and somebody who is elsewhere is shown it.
    expect(page).to_have_title(re.compile(r"^\(\d+\) "), timeout=10_000)
    page.get_by_role("tab", name=words["tabs"]["queue"]).click()
    page.evaluate("() => { window.away = true; window.dispatchEvent(new Event('blur')) }")
    page.locator(ROWS).first.hover()
    before = page.locator(ROWS).count()
    other = Shop(new_page(language), product.url, language)
    other.joins_the_queue()
    page.wait_for_function("window.shown.length > 0", timeout=10_000)
    assert page.evaluate("window.shown.at(-1).tag")

    # Found by a word, whatever the list that is shown, and opened at its place.
    presses(page, "/")
    word = said.split()[1]
    page.keyboard.type(word)
    hit = page.locator("#rows .hit").filter(has_text=word).first
    expect(hit.locator("mark")).to_have_text(word)
    keep(page, f"console-search-{language}-{scheme}")
    assert violations(page) == []
    hit.click()
    expect(page).to_have_url(re.compile(r"\?m=\d+$"))
    expect(agent.log.get_by_text(said)).to_be_in_viewport()
    page.keyboard.press("Escape")
    presses(page, "/")
    page.keyboard.press("Escape")
    expect(page.locator(ROWS)).to_have_count(before + 1)

    # Taken by the palette, with nothing but the keyboard.
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    expect(palette.get_by_role("option").first).to_be_visible()
    keep(page, f"console-palette-{language}-{scheme}")
    assert violations(page) == []
    page.keyboard.type(words["actions"]["claim"])
    page.keyboard.press("Enter")
    expect(palette).to_be_hidden()
    expect(page.get_by_role("tab", name=words["tabs"]["mine"])).to_have_attribute("aria-selected", "true")
    shop.hears({"es": "Alma", "en": "Bruno"}[language])
