"""Every page in both languages and themes: nothing that axe calls a violation, nothing that the CSP blocks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import NewPage, keep
from pages import Console, Shop
from playwright.sync_api import Page, expect
from product import ROOT, Product

AXE = (ROOT / "handoff_server" / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
MARTA = "marta@demo.example"


def violations(page: Page) -> list[Any]:
    page.evaluate(AXE)
    found: list[Any] = page.evaluate("axe.run().then(({violations}) => violations.map(v => [v.id, v.nodes[0].html]))")
    return found


LooksAt = Callable[[Page, Product, str], None]


def the_shop(page: Page, product: Product, language: str) -> None:
    shop = Shop(page, product.url, language)
    shop.say("hola" if language == "es" else "hello")
    shop.asks_for_a_person()
    shop.hears("persona" if language == "es" else "person")


def the_log_in(page: Page, product: Product, language: str) -> None:
    page.goto(f"{product.url}/console/")
    expect(page.get_by_role("textbox").first).to_be_visible()


def the_password_page(page: Page, product: Product, language: str) -> None:
    page.goto(f"{product.url}/console/password?token=none")
    expect(page.get_by_role("button").first).to_be_visible()


def the_inbox(page: Page, product: Product, language: str) -> None:
    console = Console(page, product.url, language, MARTA, product.accounts[MARTA])
    page.get_by_role("tab", name=console.words["tabs"]["all"]).click()
    page.get_by_role("tabpanel").get_by_role("button").first.click()
    expect(page.get_by_role("log")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(
    "look_at", [the_shop, the_log_in, the_password_page, the_inbox], ids=lambda look: look.__name__
)
def test_a_page_is_accessible(
    product: Product, new_page: NewPage, look_at: LooksAt, language: str, scheme: str
) -> None:
    page = new_page(language, scheme=scheme)
    look_at(page, product, language)
    keep(page, f"{look_at.__name__}-{language}-{scheme}")
    assert violations(page) == []


@pytest.mark.parametrize("look_at", [the_shop, the_inbox], ids=lambda look: look.__name__)
def test_a_page_fits_a_phone(product: Product, new_page: NewPage, look_at: LooksAt) -> None:
    page = new_page("es", width=400, height=800)
    look_at(page, product, "es")
    keep(page, f"{look_at.__name__}-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_a_forgotten_password_is_replaced_by_the_printed_link(product: Product, new_page: NewPage) -> None:
    email = "lucia@demo.example"
    link = re.search(r"http\S+", product.command("reset-password", email))
    assert link is not None
    page = new_page("es")
    page.goto(link.group())
    page.get_by_role("textbox").or_(page.locator("input[type=password]")).first.fill("una frase nueva y larga")
    page.get_by_role("button", name="Guardar contraseña").click()
    expect(page.get_by_text("ya puedes entrar")).to_be_visible()
    Console(new_page("es"), product.url, "es", email, "una frase nueva y larga")


def test_the_api_page_shows_the_interface_from_our_own_files(product: Product, new_page: NewPage) -> None:
    page = new_page("en")
    foreign: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(product.url) else foreign.append(request.url))
    page.goto(f"{product.url}/api/docs")
    expect(page.get_by_text("/api/v1/handoffs").first).to_be_visible()
    keep(page, "api-docs")
    assert [url for url in foreign if not url.startswith("data:")] == []
