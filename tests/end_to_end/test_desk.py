"""What agents and supervisors do with a conversation besides answering it, and what supervisors see of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from conftest import NewPage, keep
from pages import LOCALES, Console, Shop
from playwright.sync_api import Page, expect
from product import Product
from test_pages import violations

TEAMS = {
    "es": ("Atención al cliente", "Pagos y reembolsos"),
    "en": ("Customer care", "Payments and refunds"),
}
Opens = Callable[..., Console]


@pytest.fixture
def opens(product: Product, new_page: NewPage) -> Opens:
    """Somebody's console, in a browser of its own."""

    def console(name: str, language: str = "es", **look: Any) -> Console:
        email = f"{name}@demo.example"
        password = product.new_password(email) if name == "lucia" else product.accounts[email]
        return Console(new_page(language, **look), product.url, language, email, password)

    return console


def dashboard_words(language: str) -> Any:
    path = LOCALES.parent / "dashboard" / "locales" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def opens_dashboard(console: Console) -> Page:
    page = console.page
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name=console.words["dashboard"], exact=True)).to_be_visible()
    return page


def works_in(lucia: Console, agent: str, language: str) -> None:
    """The supervisor puts the agent into both teams."""
    words = dashboard_words(language)["agents"]
    page = opens_dashboard(lucia)
    page.get_by_role("button", name=words["edit_one"].format(name=agent)).click()
    dialog = page.get_by_role("dialog", name=agent)
    for team in TEAMS[language]:
        dialog.get_by_label(team).check()
    keep(page, f"dashboard-agent-{language}")
    assert violations(page) == []
    dialog.get_by_role("button", name=dashboard_words(language)["save"]).click()
    expect(dialog).to_be_hidden()
    row = page.get_by_role("row").filter(has_text=agent)
    expect(row).to_contain_text(" · ".join(TEAMS[language]))


SAID = {
    "es": {"note": "Se cobró dos veces.", "hello": "Hola, soy Jorge. Ya pedí el reembolso.", "more": "¿ya salió?"},
    "en": {
        "note": "It was charged twice.",
        "hello": "Hi, this is Jorge. I asked for the refund.",
        "more": "is it out?",
    },
}


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_a_conversation_is_passed_on_offered_put_aside_resolved_and_wrapped_up(
    product: Product, new_page: NewPage, opens: Opens, language: str, scheme: str
) -> None:
    said, payments = SAID[language], TEAMS[language][1]
    works_in(opens("lucia", language), "Jorge Salas", language)
    marta, jorge = opens("marta", language), opens("jorge", language, scheme=scheme)
    words = marta.words
    shop = Shop(new_page(language), product.url, language)
    shop.joins_the_queue()
    marta.opens_newest_in_queue(shop.says_case())
    marta.does("claim")
    shop.hears("Marta")

    # Passed on, by keyboard: the team's queue offers it to the one of its people who is there.
    page = marta.page
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("m")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=payments).check()
    dialog.get_by_role("textbox").last.fill(said["note"])
    keep(page, f"console-transfer-{language}")
    assert violations(page) == []
    dialog.get_by_role("button", name=words["transfer"]["do"]).click()
    expect(dialog).to_be_hidden()

    # Let pass, and taken when it comes again.
    page = jorge.page
    offer = page.get_by_role("region", name=words["offer"]["label"])
    expect(offer).to_contain_text(payments, timeout=10_000)
    keep(page, f"console-offer-{language}-{scheme}")
    assert violations(page) == []
    page.keyboard.press("x")
    expect(offer).to_be_hidden()
    expect(offer).to_be_visible(timeout=30_000)
    page.keyboard.press("t")
    expect(offer).to_be_hidden()
    jorge.sees(words["events"]["handoff_transferred_team"].format(name="Marta Rivas", team=payments))
    jorge.sees(words["events"]["handoff_passed_declined"].format(agent="Jorge Salas"))
    jorge.sees(said["note"])
    jorge.replies(said["hello"])
    shop.hears(said["hello"])

    # Put aside, until the customer writes.
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("s")
    page.get_by_role("menuitem", name=words["snoozes"]["written"]).click()
    page.get_by_role("tab", name=words["tabs"]["snoozed"]).click()
    rows = page.get_by_role("tabpanel").get_by_role("button")
    expect(rows).to_have_count(1)
    keep(page, f"console-snoozed-{language}-{scheme}")
    shop.say(said["more"])
    expect(rows).to_have_count(0, timeout=10_000)
    page.get_by_role("tab", name=words["tabs"]["mine"]).click()
    rows.first.click()
    jorge.sees(said["more"])

    # Resolved; the team has time to write it up.
    jorge.does("resolve")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio")).to_have_count(4 + 4)
    dialog.get_by_role("button", name=words["resolve"]["do"]).click()
    form = page.get_by_role("form", name=words["wrap_up"]["title"])
    expect(form).to_be_visible(timeout=15_000)
    form.get_by_role("radio", name=words["verdicts"]["late"]).check()
    form.get_by_role("checkbox").check()
    keep(page, f"console-wrap-up-{language}-{scheme}")
    assert violations(page) == []
    form.get_by_role("button", name=words["wrap_up"]["do"]).click()
    expect(form).to_be_hidden()
    page.get_by_role("tab", name=words["tabs"]["all"]).click()
    rows.first.click()
    jorge.sees(words["events"]["handoff_wrapped_late"].format(name="Jorge Salas"))


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_a_supervisor_sees_who_waits_who_is_there_and_what_is_measured(
    product: Product, new_page: NewPage, opens: Opens, language: str, scheme: str
) -> None:
    words = dashboard_words(language)
    lucia = opens("lucia", language, scheme=scheme)
    page = opens_dashboard(lucia)
    shop = Shop(new_page(language), product.url, language)
    shop.asks_for_a_person()
    waiting = page.get_by_role("region", name=words["waiting_now"]["title"])
    row = waiting.get_by_role("row").filter(has_text=TEAMS[language][0])
    expect(row).to_be_visible(timeout=10_000)
    expect(page.get_by_role("row").filter(has_text="Lucía Ferrer")).to_contain_text(lucia.words["presence"]["online"])

    page.reload()
    needed = page.get_by_role("region", name=words["measures"]["handoffs"], exact=True)
    expect(needed.locator(".value")).not_to_have_text("0", timeout=20_000)
    needed.get_by_role("button").click()
    expect(needed.locator(".definition")).not_to_be_empty()
    keep(page, f"dashboard-{language}-{scheme}")
    assert violations(page) == []

    page.get_by_role("radio", name=words["filters"]["periods"]["7d"]).check(force=True)
    page.get_by_role("button", name=words["measured"]["as_table"]).click()
    table = page.get_by_role("table", name=words["measured"]["all"])
    expect(table.get_by_role("rowheader").filter(has_text=words["measures"]["speed_of_answer"])).to_be_visible()
    assert violations(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name=words["measured"]["csv"]).click()
    assert "handoffs" in download.value.path().read_text(encoding="utf-8")


def test_the_dashboard_fits_a_phone(product: Product, opens: Opens) -> None:
    lucia = opens("lucia", width=400, height=800)
    page = opens_dashboard(lucia)
    expect(page.get_by_role("link", name=dashboard_words("es")["measured"]["csv"])).to_be_visible()
    keep(page, "dashboard-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_an_agent_who_is_no_supervisor_gets_no_dashboard(product: Product, opens: Opens) -> None:
    page = opens("marta").page
    page.goto(f"{product.url}/console/dashboard")
    expect(page.get_by_role("tab").first).to_be_visible()
    expect(page.get_by_role("button", name="Panel")).to_have_count(0)
