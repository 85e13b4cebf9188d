"""What was made of what platforms delivered: counted always, kept to be looked at during development only."""

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

from handoff_server.channels.channel import Ignored, Told
from handoff_server.service.intake import Arrival
from handoff_server.service.sends import DeliveryReport, Watermark

Outcome = Literal["stored", "repeated", "ignored", "unsigned", "refused", "failed"]
MOST = 2_000


class Deliveries:
    """The last bodies by their SHA-256. `keeps`: what customers wrote may be kept in memory besides the log."""

    def __init__(self, count: Callable[[str, str], None], keeps: bool) -> None:
        self.count: Callable[[str, Outcome], None] = count
        self._kept: deque[dict[str, Any]] | None = deque(maxlen=MOST) if keeps else None

    def note(self, channel: str, body: bytes, told: Sequence[Told], outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes or ("ignored",):
            self.count(channel, outcome)
        if self._kept is not None:
            found = [shown(one) | {"outcome": outcome} for one, outcome in zip(told, outcomes, strict=True)]
            self._kept.append({"channel": channel, "sha256": hashlib.sha256(body).hexdigest(), "told": found})

    def of(self, sha256: str) -> list[dict[str, Any]]:
        """Each delivery of this very body, oldest first."""
        return [one for one in self._kept or () if one["sha256"] == sha256]


def shown(told: Told) -> dict[str, Any]:
    """One thing that a platform told, in words for developers."""
    kind = type(told).__name__.lower()
    if isinstance(told, Arrival):
        held = [getattr(one, "kind", type(one).__name__.lower()) for one in told.attachments]
        edited = "edit" if told.edited_at else "message"
        return {"is": edited, "type": told.kind, "text": told.text[:200], "attachments": held}
    if isinstance(told, DeliveryReport | Watermark):
        error = getattr(told, "error", None)
        return {"is": "status", "type": told.delivery} | ({"error": error} if error else {})
    if isinstance(told, Ignored):
        return {"is": "echo" if told.what == "echo" else "ignored", "type": told.what}
    return {"is": kind}
