"""What a customer's phone shows."""

import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Ticks = Literal["", "sent", "read"]


@dataclass(frozen=True)
class File:
    """`kind`: image, voice, audio, video or document. `content` is what the phone plays or shows."""

    kind: str
    name: str
    mime: str
    content: bytes

    def told(self, url: str) -> dict[str, str]:
        return {"kind": self.kind, "name": self.name, "url": url}


@dataclass
class Bubble:
    """One message on the screen; `id` is the platform's. `mine`: the customer's own, whose `ticks` tell how far it
    came. `opener` is what opens the choices, where they are a list. `pressed`: the choices that were taken."""

    id: str
    mine: bool
    text: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    opener: str = ""
    file: dict[str, str] | None = None
    place: tuple[float, float] | None = None
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
