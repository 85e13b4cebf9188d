"""A customer's phone with one messaging app: what its owner does, and what it shows."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from simulator.refused import Refused
from simulator.shown import Bubble, Customer
from tests.fakes.faults import Mishap, Travel
from tests.fakes.files import File
from tests.fakes.platform import Choice, Platform
from tests.fakes.telegram import Telegram

NAMES = {"es": ("Elena", "Mateo", "Valentina", "Andrés", "Camila"), "en": ("James", "Emily", "Noah", "Grace", "Oliver")}
MOST_BUBBLES = 200
LATE_S, SPREAD_S = 5.0, 3.0
AGED_S = 25 * 60 * 60.0
BLOCKED = 403


class Phone:
    """One customer at a time; messages to earlier ones are not shown. `faults` are switched on and off while it runs.

    `can`: what the app tells a company of. `trouble`: the status with which the hub last answered a webhook, if not 200
    (0: it did not answer).
    """

    def __init__(self, platform: Platform, hub: str) -> None:
        self.platform, self.channel, self.can = platform, platform.channel, platform.can
        platform.webhooks.url = f"{hub}/webhooks/{platform.channel}"
        platform.on_note = self._noted
        own = "blocked" if isinstance(platform, Telegram) else "window"
        self.possible_faults = ("down", "limit", own, "doubled", "mixed", "late")
        self.on_change: Callable[[], None] = lambda: None
        self.faults: set[str] = set()
        self.trouble: int | None = None
        self.new_customer("es")

    # what the customer does

    def new_customer(self, language: str) -> None:
        name = secrets.choice(NAMES[language])
        self.customer = Customer(self.platform.new_customer(), name, language)
        self.platform.name, self.platform.language = name, language
        self.bubbles: list[Bubble] = []
        self._typing_until = 0.0
        self.on_change()

    def say(self, text: str) -> None:
        self._said(Bubble(self.platform.say(self.customer.id, text), mine=True, text=text))

    def press(self, bubble: Bubble, choice: Choice) -> None:
        said = self.platform.take(self.customer.id, choice)
        bubble.pressed = [*bubble.pressed, choice.id]
        if said:
            self._said(Bubble(said, mine=True, text=choice.title))
        self.on_change()

    def send(self, kind: str, file: File) -> None:
        file_id = self.platform.files.keep(file)
        said = self.platform.send_file(self.customer.id, kind, file_id)
        self._said(Bubble(said, mine=True, file=self._file(kind, file_id)))

    def send_place(self, latitude: float, longitude: float) -> None:
        said = self.platform.send_place(self.customer.id, latitude, longitude)
        self._said(Bubble(said, mine=True, place=(latitude, longitude)))

    def edit(self, bubble: Bubble, text: str) -> None:
        self.platform.edit(self.customer.id, bubble.id, text)
        bubble.text, bubble.edited = text, True
        self.on_change()

    def delete(self, bubble: Bubble) -> None:
        self.platform.delete(self.customer.id, bubble.id)
        bubble.text, bubble.deleted, bubble.file, bubble.place = "", True, None, None
        self.on_change()

    def react(self, bubble: Bubble, emoji: str) -> None:
        """Without an emoji the reaction is taken back."""
        self.platform.react(self.customer.id, bubble.id, emoji)
        bubble.reaction = emoji
        self.on_change()

    def read(self) -> None:
        """The customer has seen what is shown. Not every platform tells of it."""
        if "read" in self.can:
            self.platform.read(self.customer.id)

    def switch(self, fault: str, on: bool) -> None:
        """Raises Refused when there is no such fault here."""
        if fault not in self.possible_faults:
            raise Refused(f"fault is {fault!r}; there are {', '.join(self.possible_faults)}")
        (self.faults.add if on else self.faults.discard)(fault)
        codes = {"down": self.platform.unknown, "limit": self.platform.later, "blocked": BLOCKED}
        refused = next((Mishap(code=code) for name, code in codes.items() if name in self.faults), None)
        travel = Travel(
            copies=2 if "doubled" in self.faults else 1,
            delay=LATE_S if "late" in self.faults else 0,
            spread=SPREAD_S if "mixed" in self.faults else 0,
        )
        faults = self.platform.faults
        faults.mishap, faults.travel = lambda _send: refused, lambda _kind: travel
        faults.aged = AGED_S if "window" in self.faults else 0
        if fault == "blocked" and isinstance(self.platform, Telegram):
            self.platform.blocks(self.customer.id, on)
        self.on_change()

    # what it shows

    def shows(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "customer": vars(self.customer),
            "bubbles": [one.told() for one in self.bubbles],
            "typing": time.time() < self._typing_until,
            "faults": {name: name in self.faults for name in self.possible_faults},
            "can": self.can,
            "trouble": self.trouble,
        }

    def bubble(self, bubble_id: str) -> Bubble | None:
        return next((one for one in self.bubbles if one.id == bubble_id), None)

    def _said(self, bubble: Bubble) -> None:
        if not self.platform.choices_stay:
            for one in self.bubbles:
                one.choices = ()
        self._show(bubble)

    def _show(self, bubble: Bubble) -> None:
        self.bubbles = [*self.bubbles, bubble][-MOST_BUBBLES:]
        if not bubble.mine:
            self._typing_until = 0
        self.on_change()

    def _file(self, kind: str, file_id: str) -> dict[str, str]:
        name = self.platform.files[file_id].name or kind
        return {"kind": kind, "name": name, "url": f"/files/{self.channel}/{file_id}"}

    def _noted(self, fact: dict[str, Any]) -> None:
        if fact["what"] == "webhook":
            self._answered(fact["status"], self.bubble(fact["about"]))
        if fact.get("to") != self.customer.id:
            return
        if fact["what"] == "taken":
            shown = self.platform.show(fact)
            file = self._file(shown.file_kind, shown.file_id) if shown.file_id else None
            bubble = Bubble(shown.id, mine=False, text=shown.text, choices=shown.choices, file=file)
            bubble.opener, bubble.way = shown.opener, shown.way
            self._show(bubble)
        elif fact["what"] == "typing":
            self._is_typing()

    def _answered(self, status: int, said: Bubble | None) -> None:
        self.trouble = None if status == 200 else status
        if status == 200 and said and not said.ticks:
            said.ticks = "sent"
        self.on_change()

    def _is_typing(self) -> None:
        """The hub has read what was said, and thinks of an answer."""
        self._typing_until = time.time() + self.platform.typing_s
        for one in self.bubbles:
            if "read" in self.can and one.mine and one.ticks:
                one.ticks = "read"
        self.on_change()
