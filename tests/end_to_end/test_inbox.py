"""How agents find their way in the inbox: lists that stand still, search, the palette, and being called."""

import json
import re
from typing import Any

import pytest
from conftest import NewPage, keep
from pages import LOCALES, Console, Shop
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


def words_of(part: str, language: str) -> Any:
    """The texts of a part of the console that brings its own."""
    path = LOCALES.parent / part / "locales" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


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

    # Narrowed down: what does not fit is gone, and a reload changes nothing of it.
    finding = words_of("finding", language)["filters"]
    page.get_by_role("button", name=words["list"]["filter"]).click()
    page.get_by_role("combobox", name=finding["owner"], exact=True).select_option("bot")
    expect(page.locator(ROWS)).to_have_count(0)
    page.keyboard.press("Escape")
    page.reload()
    chip = page.get_by_role("group", name=finding["chosen"]).get_by_role("button").first
    expect(chip).to_contain_text(finding["owners"]["bot"])
    expect(page.locator(ROWS)).to_have_count(0)
    chip.click()
    expect(page.locator(ROWS)).to_have_count(before + 1)

    # What is chosen in one tab shows in the other, without a reload.
    tab = page.context.new_page()
    tab.goto(page.url)
    expect(tab.locator(ROWS)).to_have_count(before + 1)
    for theme in ("dark", "light") if scheme == "light" else ("light", "dark"):
        tab.keyboard.press("Control+k")
        expect(tab.get_by_role("dialog").get_by_role("option").first).to_be_visible()
        tab.keyboard.type(words["themes"][theme])
        tab.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    tab.close()

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
