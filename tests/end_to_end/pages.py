"""What a customer and an agent see and do, in their words."""

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, expect

CONSOLE = Path(__file__).parents[2] / "handoff_server" / "web" / "console"
LOCALES = CONSOLE / "locales"
# The number of a case, as customers and agents are told it.
CASE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")

# A red dot of 4 by 4 pixels.
PICTURE: FilePayload = {
    "name": "punto.png",
    "mimeType": "image/png",
    "buffer": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000004000000040802000000269309290000001049444154789c63f8cfc000470cc471"
        "00ae930ff1d05f239e0000000049454e44ae426082"
    ),
}


def _texts(folder: Path, language: str) -> Any:
    return json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))


def console_words(language: str) -> Any:
    """What the console says: at first sight, and with a conversation open."""
    words: dict[str, Any] = {}
    for folder in (LOCALES, CONSOLE / "composer" / "locales", CONSOLE / "conversation" / "locales"):
        for name, text in _texts(folder, language).items():
            words[name] = words.get(name, {}) | text if isinstance(text, dict) else text
    return words


class Shop:
    """A visitor of the demo shop with the chat."""

    def __init__(self, page: Page, url: str, language: str, loaded: bool = False) -> None:
        self.page = page
        if not loaded:
            page.goto(f"{url}/demo/" if language == "es" else f"{url}/demo/en/")
        self.words = {
            "es": {
                "open": "Abrir el chat",
                "field": "Escribe un mensaje",
                "human": "Hablar con una persona",
                "place": "ugar en la fila",
                "more": "Más opciones",
                "transcript": "Ver o guardar esta conversación",
                "erase": "Borrar esta conversación",
                "sure": "Sí, borrar",
                "erased": "La conversación se borró.",
            },
            "en": {
                "open": "Open the chat",
                "field": "Write a message",
                "human": "Talk to a person",
                "place": "lace in line",
                "more": "More options",
                "transcript": "See or keep this conversation",
                "erase": "Delete this conversation",
                "sure": "Yes, delete it",
                "erased": "The conversation has been deleted.",
            },
        }[language]
        page.get_by_role("button", name=self.words["open"]).click()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def speaker(self) -> Locator:
        return self.page.locator("handoff-chat .who")

    def say(self, text: str) -> None:
        field = self.page.get_by_role("textbox", name=self.words["field"])
        field.fill(text)
        field.press("Enter")
        self.hears(text)

    def hears(self, text: str, seconds: float = 20) -> None:
        expect(self.log.get_by_text(text).last).to_be_visible(timeout=seconds * 1000)

    def is_answered(self, text: str) -> None:
        """Says it and waits for the assistant's answer, of however many messages."""
        before = self.log.locator(".bot").count()
        self.say(text)
        expect(self.log.locator(".bot").nth(before)).to_be_visible(timeout=20_000)

    def sends_picture(self, text: str) -> None:
        self.page.locator("handoff-chat input[type=file]").set_input_files(PICTURE)
        expect(self.page.locator("handoff-chat .files").get_by_text(PICTURE["name"])).to_be_visible(timeout=10_000)
        self.say(text)

    def keeps_transcript(self) -> Page:
        """The page that opens beside the chat."""
        self.page.get_by_role("button", name=self.words["more"]).click()
        with self.page.expect_popup() as opened:
            self.page.get_by_role("button", name=self.words["transcript"]).click()
        return opened.value

    def erases(self) -> None:
        self.page.get_by_role("button", name=self.words["more"]).click()
        self.page.get_by_role("button", name=self.words["erase"]).click()
        self.page.get_by_role("button", name=self.words["sure"]).click()
        expect(self.page.get_by_role("status").filter(has_text=self.words["erased"])).to_be_visible()

    def asks_for_a_person(self) -> None:
        self.page.locator("handoff-chat button.human").click()

    def joins_the_queue(self) -> None:
        self.asks_for_a_person()
        expect(self.speaker).to_contain_text(self.words["place"], timeout=20_000)

    @property
    def case(self) -> str:
        """The number that was told when a person was asked for."""
        told = self.log.get_by_text(CASE).last
        expect(told).to_be_visible(timeout=20_000)
        return CASE.findall(told.inner_text())[-1]

    def says_case(self) -> str:
        """What no other row of the queue ends with."""
        case = self.case
        self.say(case)
        return case


class Console:
    """An agent at work."""

    def __init__(self, page: Page, url: str, language: str, email: str, password: str) -> None:
        self.page = page
        self.words = console_words(language)
        page.goto(f"{url}/console/")
        page.get_by_label(self.words["login"]["email"]).fill(email)
        page.get_by_label(self.words["login"]["password"]).fill(password)
        page.get_by_role("button", name=self.words["login"]["do"]).click()
        expect(page.get_by_role("tab", name=self.words["tabs"]["queue"])).to_be_visible()
        expect(page.get_by_text(self.words["loading"])).to_be_hidden()

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    def opens_newest_in_queue(self, saying: str) -> None:
        """The last one, of those whose last words are these: others wait there too."""
        self.page.get_by_role("tab", name=self.words["tabs"]["queue"]).click()
        self.page.get_by_role("tabpanel").get_by_role("button").filter(has_text=saying).last.click()

    def does(self, action: str) -> None:
        self.page.get_by_role("button", name=self.words["actions"][action]).first.click()

    def does_from_menu(self, action: str) -> None:
        self.page.get_by_role("button", name=self.words["actions"]["more"]).click()
        self.page.get_by_role("menuitem", name=self.words["actions"][action]).click()

    def replies(self, text: str) -> None:
        field = self.page.get_by_role("textbox", name=self.words["composer"]["reply"])
        expect(field).to_be_enabled()
        field.fill(text)
        field.press("Enter")
        self.sees(text)

    def sees(self, text: str) -> None:
        expect(self.log.get_by_text(text).last).to_be_visible(timeout=10_000)

    def resolves(self) -> None:
        """As solved, which is offered first."""
        self.does("resolve")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("button", name=self.words["resolve"]["do"]).click()
        expect(dialog).to_be_hidden()

    def returns(self, note: str) -> None:
        self.does_from_menu("return")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_role("textbox", name=self.words["return"]["note"]).fill(note)
        dialog.get_by_role("button", name=self.words["return"]["do"]).click()
        expect(dialog).to_be_hidden()
