"""What a customer's phone shows."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from tests.fakes.platform import Choice

Ticks = Literal["", "sent", "read"]


@dataclass
class Bubble:
    """One message on the screen; `id` is the platform's. `mine`: the customer's own, whose `ticks` tell how far it
    came. `opener` is what opens the choices, where they are a list; `pressed`: those that were taken. `way`: what let
    it through after the time for answers (template, human_agent). `reaction`: the customer's."""

    id: str
    mine: bool
    text: str = ""
    choices: tuple[Choice, ...] = ()
    opener: str = ""
    file: dict[str, str] | None = None
    place: tuple[float, float] | None = None
    way: str = ""
    reaction: str = ""
    ticks: Ticks = ""
    pressed: list[str] = field(default_factory=list)
    edited: bool = False
    deleted: bool = False
    at: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def told(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Customer:
    """Who holds the phone. `language` is the one that the app has."""

    id: str
    name: str
    language: str
