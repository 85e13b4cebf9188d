"""The settings, as a supervisor and an admin use them; every page of them with axe."""

import json
import re

import pytest
from conftest import NewPage, keep
from pages import CONSOLE, Console, Shop
from playwright.sync_api import Page, expect
from product import Product
from test_pages import violations

SECTIONS = ("me", "canned", "canned/new", "team", "hours", "widgets", "widgets/demo", "users", "channels")
INES, LUCIA = "ines@demo.example", "lucia@demo.example"


def opened(page: Page, product: Product, language: str, section: str) -> None:
    page.goto(f"{product.url}/console/settings/{section}")
    words = json.loads((CONSOLE / "settings" / "locales" / f"{language}.json").read_text(encoding="utf-8"))
    title = words["sections"][section.partition("/")[0]]["title"]
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page.locator(".page .card").first).to_be_visible()


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("es", "light", 1280), ("en", "dark", 1280), ("es", "dark", 400)]
)
def test_every_page_of_the_settings_is_accessible(
    product: Product, new_page: NewPage, language: str, scheme: str, width: int
) -> None:
    page = new_page(language, scheme=scheme, width=width, height=900)
    Console(page, product.url, language, INES, product.new_password(INES))
    found = {}
    for section in SECTIONS:
        opened(page, product, language, section)
        keep(page, f"settings-{section.replace('/', '-')}-{language}-{scheme}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), section
        if wrong := violations(page):
            found[section] = wrong
    assert found == {}


def test_a_canned_reply_and_a_capacity_are_changed(product: Product, new_page: NewPage) -> None:
    page = new_page("es")
    Console(page, product.url, "es", LUCIA, product.new_password(LUCIA))
    opened(page, product, "es", "canned/new")
    page.get_by_label("Atajo").fill("prueba")
    page.get_by_label("Español").fill("Hola, {customer}. Reviso tu pedido {order}.")
    expect(page.get_by_text("Hola, Elena. Reviso tu pedido RX-4821.")).to_be_visible()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("link", name="/prueba")).to_be_visible()

    opened(page, product, "es", "team")
    page.get_by_role("button", name=re.compile("Paula Méndez")).click()
    page.get_by_label("Conversaciones a la vez").fill("7")
    page.get_by_role("dialog").get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("row", name=re.compile("Paula Méndez"))).to_contain_text("0/7")


def test_teams_yml_edited_in_the_console_reaches_the_queue(product: Product, new_page: NewPage) -> None:
    """The default team has its work offered from the moment in which a supervisor has chosen so."""
    page = new_page("es")
    Console(page, product.url, "es", LUCIA, product.new_password(LUCIA))
    opened(page, product, "es", "hours")
    care = page.get_by_role("group", name="care", exact=True)
    save = page.get_by_role("button", name="Guardar")
    care.get_by_label("Reparto").select_option("push")
    save.click()
    expect(page.get_by_text("Guardado", exact=True)).to_be_visible()

    shop = Shop(new_page("es"), product.url, "es")
    shop.say("hola")
    shop.asks_for_a_person()
    offer = page.get_by_role("region", name="Te ofrecemos una conversación")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Atender").click()
    expect(page.get_by_role("log")).to_be_visible()

    opened(page, product, "es", "hours")
    care.get_by_label("Reparto").select_option("pull")
    save.click()
    expect(page.get_by_text("Guardado", exact=True)).to_be_visible()
