"""How agents write: by keyboard alone, with canned replies and files, and without ever losing a word."""

import base64
import re
from collections.abc import Callable

import pytest
from conftest import NewPage, keep
from pages import PICTURE, Console, Shop
from playwright.sync_api import FilePayload, Locator, Page, expect
from product import Product
from test_pages import violations

Opens = Callable[..., Console]

CANNED = {
    "es": "Hola, {customer}. Soy {agent}; ya reviso tu caso.",
    "en": "Hi {customer}, this is {agent}. I am looking.",
}

BYTES = "const bytes = Uint8Array.from(atob(picture), (one) => one.charCodeAt(0))"
CARRY = f"""(picture) => {{
  {BYTES}
  const carried = new DataTransfer()
  carried.items.add(new File([bytes], 'soltado.png', {{ type: 'image/png' }}))
  return carried
}}"""
COPY = f"""(picture) => {{
  {BYTES}
  const type = 'image/png'
  return navigator.clipboard.write([new ClipboardItem({{ [type]: new Blob([bytes], {{ type }}) }})])
}}"""


@pytest.fixture
def opens(product: Product, new_page: NewPage) -> Opens:
    """Marta's console, in a browser of its own, with nobody else waiting."""

    def console(language: str = "es", **look: object) -> Console:
        email = "marta@demo.example"
        return Console(new_page(language, **look), product.url, language, email, product.accounts[email])

    return console


def field(console: Console) -> Locator:
    return console.page.get_by_role("textbox", name=console.words["composer"]["reply"])


def takes_newest(console: Console, shop: Shop) -> None:
    shop.joins_the_queue()
    console.opens_newest_in_queue(shop.says_case())
    console.does("claim")
    expect(field(console)).to_be_focused(timeout=10_000)


def keeps_canned(console: Console, shortcut: str, text: str) -> None:
    """From what stands in the field."""
    page, words = console.page, console.words
    field(console).fill(text)
    page.get_by_role("button", name=words["composer"]["keep"]).click()
    dialog = page.get_by_role("dialog", name=words["keeping"]["title"])
    dialog.get_by_label(words["keeping"]["shortcut"], exact=True).fill(shortcut)
    assert violations(page) == []
    dialog.get_by_role("button", name=words["keeping"]["do"], exact=True).click()
    expect(dialog).to_be_hidden()
    field(console).fill("")


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_a_conversation_is_taken_answered_resolved_and_left_by_keyboard_alone(
    product: Product, new_page: NewPage, opens: Opens, language: str, scheme: str
) -> None:
    console = opens(language, scheme=scheme)
    page, words = console.page, console.words
    shop = Shop(new_page(language), product.url, language)
    takes_newest(console, shop)
    keeps_canned(console, f"reviso-{language}", CANNED[language])

    # A canned reply in the middle of what is written, filled in for this customer.
    box = field(console)
    box.focus()
    page.keyboard.type("¡Gracias! /reviso-")
    listed = page.get_by_role("listbox")
    expect(listed).to_be_visible()
    keep(page, f"composer-canned-{language}-{scheme}")
    assert violations(page) == []
    page.keyboard.press("Tab")
    expect(listed).to_be_hidden()
    expect(box).to_have_value(re.compile("Marta Rivas"))
    page.keyboard.press("Enter")
    doubts = page.get_by_role("alert").filter(has_text=words["composer"]["variables"]["customer"])
    if "{customer}" in box.input_value():  # this visitor has told no name
        expect(doubts).to_be_visible()
        keep(page, f"composer-open-{language}-{scheme}")
        page.keyboard.press("Control+Enter")
    shop.hears("Marta Rivas")

    # Resolved, undone, resolved again: the customer hears of it once, and only then.
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog", name=words["resolve"]["title"])
    expect(dialog).to_be_visible()
    keep(page, f"composer-resolve-{language}-{scheme}")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    toast = page.get_by_role("status").filter(has_text=words["undo"]["do"])
    expect(toast).to_be_visible()
    keep(page, f"composer-undo-{language}-{scheme}")
    assert violations(page) == []
    page.keyboard.press("u")
    expect(toast).to_be_hidden()
    page.wait_for_timeout(5_500)  # longer than a resolve waits: nothing may come of this one
    expect(shop.speaker).to_contain_text("Marta")
    expect(box).to_be_enabled()
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    expect(toast).to_be_visible()
    expect(shop.speaker).not_to_contain_text("Marta", timeout=15_000)
    expect(toast).to_be_hidden()


def test_what_is_typed_survives_a_reload_the_server_and_another_tab(
    product: Product, new_page: NewPage, opens: Opens
) -> None:
    console = opens()
    page = console.page
    takes_newest(console, Shop(new_page(), product.url, "es"))
    address = page.url
    page.keyboard.type("Ya lo encontré")
    page.reload()
    expect(field(console)).to_have_value("Ya lo encontré", timeout=15_000)

    # What is typed while the hub is away is there afterwards, here and at another desk.
    product.kill("hub")
    field(console).focus()
    page.keyboard.press("End")
    page.keyboard.type(": sale mañana")
    product.wait_for_the_hub()
    expect(page.get_by_role("status").filter(has_text=console.words["offline"]["title"])).to_be_hidden(timeout=20_000)
    page.wait_for_timeout(2_500)
    other = opens()
    other.page.goto(address)
    expect(field(other)).to_have_value("Ya lo encontré: sale mañana", timeout=15_000)

    # And what is typed there arrives here.
    field(other).focus()
    other.page.keyboard.press("End")
    other.page.keyboard.type(" temprano")
    expect(field(console)).to_have_value("Ya lo encontré: sale mañana temprano", timeout=15_000)


def test_what_is_sent_while_the_server_is_gone_arrives_once_and_in_order(
    product: Product, new_page: NewPage, opens: Opens
) -> None:
    console = opens()
    shop = Shop(new_page(), product.url, "es")
    takes_newest(console, shop)
    product.kill("hub")
    texts = ["uno", "dos", "tres"]
    for text in texts:
        console.replies(text)
    keep(console.page, "composer-offline")
    product.wait_for_the_hub()
    shop.hears("tres", seconds=40)
    for text in texts:
        expect(shop.log.locator(".agent").filter(has_text=text)).to_have_count(1)
    said = shop.log.locator(".agent").all_inner_texts()
    assert [next(text for text in ("uno", "dos", "tres") if text in line) for line in said[-3:]] == [
        "uno",
        "dos",
        "tres",
    ]


def test_a_picture_is_sent_with_its_words(product: Product, new_page: NewPage, opens: Opens) -> None:
    console = opens()
    page, words = console.page, console.words["composer"]
    shop = Shop(new_page(), product.url, "es")
    takes_newest(console, shop)
    program: FilePayload = {"name": "programa.exe", "mimeType": "", "buffer": b"MZ" + bytes(100)}
    chooser = page.locator("input[type=file]")
    chooser.set_input_files([PICTURE, program])
    expect(page.get_by_role("alert").filter(has_text="programa.exe")).to_be_visible()
    remove = page.get_by_role("button", name=words["file_remove"].format(name="punto.png"))
    expect(remove).to_be_visible(timeout=10_000)
    keep(page, "composer-files")
    assert violations(page) == []
    page.keyboard.press("Escape")
    field(console).fill("Mira este punto")
    field(console).press("Enter")
    expect(remove).to_be_hidden()
    shop.hears("Mira este punto")
    expect(shop.log.get_by_role("img")).to_have_count(1)

    drops(console)
    sends(console, shop, "Y este otro", 2)
    pastes(console)
    sends(console, shop, "Y el que copié", 3)

    page.context.set_offline(True)
    chooser.set_input_files(PICTURE)
    field(console).fill("Y el que va sin red")
    field(console).press("Enter")
    console.sees("Y el que va sin red")
    page.context.set_offline(False)
    arrives(shop, "Y el que va sin red", 4)


def drops(console: Console) -> None:
    carried = console.page.evaluate_handle(CARRY, base64.b64encode(PICTURE["buffer"]).decode())
    field(console).dispatch_event("drop", {"dataTransfer": carried})


def pastes(console: Console) -> None:
    """What was copied elsewhere as a picture, by the key that everybody uses."""
    page = console.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate(COPY, base64.b64encode(PICTURE["buffer"]).decode())
    field(console).press("Control+v")


def sends(console: Console, shop: Shop, text: str, pictures: int) -> None:
    """With the one file that lies beside the words."""
    words = console.words["composer"]
    beside = console.page.get_by_role("list", name=words["files"])
    remove = beside.get_by_role("button", name=words["file_remove"].format(name=""))
    expect(remove).to_have_count(1, timeout=10_000)
    field(console).fill(text)
    field(console).press("Enter")
    arrives(shop, text, pictures)


def arrives(shop: Shop, text: str, pictures: int) -> None:
    """Words and picture, as one message."""
    shop.hears(text, seconds=40)
    message = shop.log.locator(".agent").filter(has_text=text)
    expect(message).to_have_count(1)
    expect(message.get_by_role("img")).to_have_js_property("naturalWidth", 4, timeout=10_000)
    expect(shop.log.get_by_role("img")).to_have_count(pictures)


def test_the_composer_fits_a_phone(product: Product, new_page: NewPage, opens: Opens) -> None:
    console = opens(width=400, height=800)
    page: Page = console.page
    takes_newest(console, Shop(new_page(), product.url, "es"))
    page.get_by_role("button", name=console.words["composer"]["emoji"]).click()
    picker = page.get_by_role("dialog", name=console.words["emoji"]["label"])
    picker.get_by_role("searchbox").fill("gracias")
    picker.get_by_role("searchbox").press("ArrowDown")
    expect(picker.get_by_role("gridcell").first.get_by_role("button")).to_be_focused()
    keep(page, "composer-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(field(console)).not_to_have_value("")
