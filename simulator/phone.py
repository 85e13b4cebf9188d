"""A customer's phone with one messaging app: what its owner can do, and what it shows. Each app is a file beside."""

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from aiohttp import web

from simulator.refused import Refused
from simulator.shown import Bubble, Customer, File
from tests.fakes.webhooks import Webhooks

Fact = dict[str, Any]
NAMES = {"es": ("Elena", "Mateo", "Valentina", "Andrés", "Camila"), "en": ("James", "Emily", "Noah", "Grace", "Oliver")}
MOST_BUBBLES = 200
MOST_FACTS = 500
LATE_S = 5.0


class Phone(ABC):
    """One customer at a time; messages to earlier ones are not shown. `faults` are switched on and off while it runs.

    `can`: what the app lets customers do with what they have said. `trouble`: the status with which the hub last
    answered a webhook, if not 200 (0: it did not answer).
    """

    channel: ClassVar[str]
    can: ClassVar[tuple[str, ...]]
    possible_faults: ClassVar[tuple[str, ...]]
    typing_s: ClassVar[float]
    webhooks: Webhooks

    def __init__(self, origin: str) -> None:
        """`origin`: where the simulator is reached, without a slash at the end."""
        self.origin = origin
        self.on_change: Callable[[], None] = lambda: None
        self.faults: set[str] = set()
        self.trouble: int | None = None
        self.new_customer("es")

    @abstractmethod
    def app(self) -> web.Application:
        """The platform's API, as the hub calls it."""

    @abstractmethod
    def _new_id(self) -> str:
        """An id as the platform gives to customers."""

    # what the customer does

    def new_customer(self, language: str) -> None:
        self.customer = Customer(self._new_id(), secrets.choice(NAMES[language]), language)
        self.bubbles: list[Bubble] = []
        self.files: dict[str, File] = {}
        self._typing_until = 0.0
        self.on_change()

    @abstractmethod
    def say(self, text: str) -> None: ...

    @abstractmethod
    def press(self, bubble: Bubble, button: dict[str, str]) -> None: ...

    @abstractmethod
    def send(self, file: File) -> None: ...

    @abstractmethod
    def send_place(self, latitude: float, longitude: float) -> None: ...

    def edit(self, _bubble: Bubble, _text: str) -> None:
        raise Refused(f"{self.channel} tells nobody of corrections")

    def delete(self, _bubble: Bubble) -> None:
        raise Refused(f"{self.channel} tells nobody of deleted messages")

    @abstractmethod
    def read(self) -> None:
        """The customer has seen what is shown. Not every platform tells of it."""

    def switch(self, fault: str, on: bool) -> None:
        (self.faults.add if on else self.faults.discard)(fault)
        self.webhooks.copies = 2 if "doubled" in self.faults else 1
        self.webhooks.delay = LATE_S if "late" in self.faults else 0
        self.on_change()

    # what it shows

    def shows(self) -> Fact:
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

    def _show(self, bubble: Bubble, file: File | None = None) -> None:
        if file:
            self.files[bubble.id] = file
            bubble.file = file.told(f"/files/{self.channel}/{bubble.id}")
        self.bubbles = [*self.bubbles, bubble][-MOST_BUBBLES:]
        self.files = {one.id: self.files[one.id] for one in self.bubbles if one.id in self.files}
        if not bubble.mine:
            self._typing_until = 0
        self.on_change()

    def _is_typing(self) -> None:
        """The hub has read what was said, and thinks of an answer."""
        self._typing_until = time.time() + self.typing_s
        self.on_change()

    def _was_read(self) -> None:
        for one in self.bubbles:
            if one.mine and one.ticks:
                one.ticks = "read"

    def _change(self, bubble: Bubble, text: str, deleted: bool = False) -> None:
        bubble.text, bubble.edited, bubble.deleted = text, not deleted, deleted
        if deleted:
            bubble.file = bubble.place = None
        self.on_change()

    def _told(self, fact: Fact) -> None:
        """What the fake notes of a webhook."""
        if fact["what"] == "webhook":
            self.trouble = None if fact["status"] == 200 else fact["status"]
            said = self.bubble(self._id_in(fact["body"])) if fact["status"] == 200 else None
            if said and not said.ticks:
                said.ticks = "sent"
            self.on_change()

    @abstractmethod
    def _id_in(self, webhook: Fact) -> str:
        """The id of the customer's message that a webhook tells of; empty when it tells of something else."""
