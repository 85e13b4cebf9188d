"""What comes with a message besides its words: a file, a place, a person's card.

Consoles get each as a dict of docs/protocol.md §3, `Attachment`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FileKind = Literal["image", "voice", "audio", "video", "document", "sticker"]


@dataclass(frozen=True)
class Remote:
    """A customer's file that a platform keeps until it is fetched.

    `source` is JSON, what the channel's `fetch` needs to find it; name and type are the platform's word.
    """

    kind: FileKind
    source: Mapping[str, Any]
    name: str = ""
    mime: str = ""


@dataclass(frozen=True)
class Place:
    """Where the customer is, or means."""

    latitude: float
    longitude: float
    name: str | None = None


@dataclass(frozen=True)
class Card:
    """Somebody whom the customer names, with telephone numbers."""

    name: str
    phones: tuple[str, ...] = ()


@dataclass(frozen=True)
class Enclosed:
    """A file of ours on its way to a platform; `mime` is by its content, `size` in bytes.

    `file` may be read until the send has ended. `url` is where the platform can get it itself, for some days; None
    where nobody outside can reach the hub (PUBLIC_URL).
    """

    kind: FileKind
    name: str
    mime: str
    size: int
    file: Path
    url: str | None = None
