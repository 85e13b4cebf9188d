"""What agents see of a conversation, and what they say about it: it stays, and colleagues see it."""

import re

import pytest
from conftest import NewPage, keep
from pages import Console, Shop
from phone import Phone
from playwright.sync_api import Dialog, Locator, Page, expect
from product import Product
from test_pages import violations

MARTA, JORGE = "marta@demo.example", "jorge@demo.example"
HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script>",
    "factura \u202egpj.exe",
    "oculto\u200b\u200b\u200b\u200b\u200b aquí",
    "entra a https://\u0430\u0440\u0440\u04cf\u0435.com/cuenta o a javascript:alert(3)",
    "x" * 900,
    "👩‍👩‍👧🚀" * 300,
)


def opens(product: Product, new_page: NewPage, email: str, language: str = "es", **look: str) -> Console:
    return Console(new_page(language, **look), product.url, language, email, product.accounts[email])


def context_of(console: Console) -> Locator:
    return console.page.get_by_role("complementary", name=console.words["context"]["label"])


def refuse(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.message)
    dialog.dismiss()


def message(console: Console, text: str) -> Locator:
    return console.log.locator("article").filter(has_text=text).last


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_hostile_words_are_shown_as_words_and_nothing_of_them_is_done(
    product: Product, new_page: NewPage, language: str, scheme: str
) -> None:
    console = opens(product, new_page, MARTA, language, scheme=scheme)
    shop = Shop(new_page("es"), product.url, "es")
    shop.joins_the_queue()
    page, words = console.page, console.words
    asked: list[str] = []
    page.on("dialog", lambda dialog: refuse(dialog, asked))
    console.opens_newest_in_queue(shop.says_case())
    for text in HOSTILE:
        shop.say(text)
    console.sees(HOSTILE[0])
    assert console.log.locator("img, script").count() == 0
    console.sees(words["log"]["signs"]["direction"])
    expect(message(console, "oculto")).to_contain_text(re.compile("5 "))
    expect(console.log.get_by_role("link")).to_have_attribute("href", "https://xn--80ak6aa92e.com/cuenta")
    expect(console.log.get_by_role("link")).to_have_attribute("rel", re.compile("noopener"))
    expect(context_of(console).get_by_role("heading").first).to_be_visible()
    keep(page, f"console-hostile-{language}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert asked == []


def labels(console: Console, said: str, searched: str, title: str) -> None:
    """By keyboard alone."""
    words, page = console.words, console.page
    message(console, said).focus()
    page.keyboard.press("Tab")
    expect(message(console, said).get_by_role("group", name=words["log"]["tools"])).to_be_visible()
    message(console, said).get_by_role("button", name=words["log"]["misunderstood"]).press("Enter")
    field = page.get_by_placeholder(words["label"]["find"])
    field.fill(searched)
    expect(page.get_by_role("option").first).to_contain_text(title)
    field.press("Enter")
    expect(message(console, said)).to_contain_text(f"→ {title}")


def test_what_agents_say_about_a_conversation_stays_and_colleagues_see_it(product: Product, new_page: NewPage) -> None:
    said = "el saldo de mi cuenta no cuadra con lo de ayer"
    marta, jorge = opens(product, new_page, MARTA), opens(product, new_page, JORGE)
    shop = Shop(new_page("es"), product.url, "es")
    shop.is_answered(said)
    shop.joins_the_queue()
    words, context = marta.words, context_of(marta)
    marta.opens_newest_in_queue(shop.says_case())
    marta.does("claim")
    marta.replies("Hola, soy Marta.")

    labels(marta, said, "factur", words["topics"]["billing_invoice"])
    verdict = words["verdict"]
    marta.log.get_by_role("button", name=verdict["early"]).click()
    expect(context).to_contain_text(f"{verdict['said_early']} · Marta Rivas")
    context.get_by_role("button", name=words["summary"]["edit"]).click()
    context.get_by_role("textbox", name=words["context"]["summary"]).fill("No le cuadra el saldo.")
    context.get_by_role("button", name=words["summary"]["save"]).click()
    field = context.get_by_role("combobox", name=words["tags"]["add"])
    field.fill("saldo")
    field.press("Enter")
    told = (
        "No le cuadra el saldo.",
        words["summary"]["edited"].format(name="Marta Rivas"),
        "saldo",
        verdict["said_early"],
    )
    for text in told:
        expect(context).to_contain_text(text)

    jorge.page.goto(marta.page.url)
    marta.page.reload()
    for console in (jorge, marta):
        expect(message(console, said)).to_contain_text(f"→ {words['topics']['billing_invoice']} (Marta Rivas)")
        for text in told:
            expect(context_of(console)).to_contain_text(text)
    expect(jorge.page.get_by_role("banner").or_(jorge.page.locator("header"))).to_contain_text("Marta Rivas")
    keep(jorge.page, "console-marked")


def reads_back(page: Page, console: Console) -> None:
    """As far as the conversation goes, by its own button."""
    earlier = page.get_by_role("button", name=console.words["log"]["earlier"])
    for _ in range(5):
        if not earlier.is_visible():
            break
        earlier.click()
        expect(page.get_by_role("button", name=console.words["loading"])).to_have_count(0)
    expect(page.get_by_text(console.words["log"]["start"])).to_be_attached()


def test_a_long_history_comes_in_portions_and_an_address_leads_into_it(
    product: Product, phone: Phone, new_page: NewPage
) -> None:
    console = opens(product, new_page, MARTA)
    page = console.page
    phone.say("necesito hablar con una persona")
    phone.hears("te paso con una persona")
    for number in range(170):
        phone.say(f"renglón número {number}.")
    console.opens_newest_in_queue("renglón número")
    console.sees("renglón número 169.")
    assert console.log.locator("article").count() <= 150
    reads_back(page, console)
    first = message(console, "renglón número 3.")
    identity = first.get_attribute("data-message")

    page.goto(re.sub(r"\?.*", "", page.url) + f"?m={identity}")
    expect(message(console, "renglón número 3.")).to_be_in_viewport(timeout=10_000)
    expect(message(console, "renglón número 3.")).to_be_focused()
