"""The phones of the messaging apps, on a page, beside the console of an agent."""

import pytest
from conftest import NewPage, keep
from pages import CASE, Console
from playwright.sync_api import Page, expect
from product import Product
from test_pages import violations

MARTA = "marta@demo.example"


def opens(page: Page, product: Product, app: str) -> None:
    """The product's own WhatsApp is set up with another platform; what is left is played here."""
    page.goto(f"{product.url}/simulator#{app.lower()}")
    page.get_by_role("tab", name=app).click()
    expect(page.get_by_role("heading", level=2, name=app)).to_be_visible()


def says(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.get_by_role("textbox").press("Enter")


def test_a_customer_of_an_app_asks_for_a_person_who_answers_from_the_console(
    product: Product, new_page: NewPage
) -> None:
    console = Console(new_page("es"), product.url, "es", MARTA, product.accounts[MARTA])
    page = new_page("es")
    opens(page, product, "Telegram")
    shown = page.get_by_role("log")
    says(page, "hola")
    expect(shown).to_contain_text("asistente virtual (IA)", timeout=20_000)
    says(page, "necesito hablar con una persona")
    expect(shown).to_contain_text("te paso con una persona", timeout=20_000)
    case = CASE.findall(shown.inner_text())[-1]
    says(page, case)
    console.opens_newest_in_queue(case)
    page.get_by_role("button", name="Foto").click()
    expect(shown.get_by_role("img")).to_be_visible()
    expect(console.log.get_by_role("img").last).to_be_visible()
    console.does("claim")
    console.replies("Hola, soy Marta. Ya leí todo.")
    expect(shown).to_contain_text("Hola, soy Marta. Ya leí todo.", timeout=20_000)
    keep(page, "simulator-telegram")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("app", ["WhatsApp", "Telegram", "Messenger", "Instagram"])
def test_every_phone_is_accessible(product: Product, new_page: NewPage, app: str, language: str, scheme: str) -> None:
    page = new_page(language, width=400, scheme=scheme)
    opens(page, product, app)
    if app == "WhatsApp":
        expect(page.get_by_role("textbox")).to_be_hidden()
    else:
        says(page, "hola" if language == "es" else "hello")
        expect(page.get_by_role("article")).not_to_have_count(0)
    keep(page, f"simulator-{app.lower()}-{language}-{scheme}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
