"""What an examination of a channel finds."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """`good`: True, False, or None where it cannot be told from here. `remedy` says what to do."""

    good: bool | None
    what: str
    remedy: str = ""


@dataclass(frozen=True)
class Reply:
    """What a platform answered to a question: `status` 0 when it could not be reached; `at` is its clock (ms)."""

    status: int
    told: Any
    at: int | None = None
    why: str = ""


def token(reply: Reply, setting: str, whose: str) -> Finding:
    """What an answer to "who am I?" says of the token. `whose` is what it turned out to be of."""
    if reply.status == 200:
        return Finding(True, f"{setting} is good: {whose}")
    if reply.status == 0:
        return Finding(False, f"the platform cannot be reached ({reply.why})", "look at the network and its proxy")
    if reply.status in (400, 401, 403, 404):
        remedy = f"make a new token with the permissions that docs/channels lists, and set {setting}"
        return Finding(False, f"{setting} is refused (HTTP {reply.status})", remedy)
    return Finding(None, f"the platform answers HTTP {reply.status}", "try again in a few minutes")


def delivers(address: object, ours: str, remedy: str) -> Finding:
    """Whether the platform delivers to us. `address`: where it says it does; None where it does not tell."""
    if address is None:
        return Finding(None, "the platform does not tell where it delivers", remedy)
    if address == ours:
        return Finding(True, f"it delivers to {ours}")
    return Finding(False, f"it delivers to {str(address)[:200] or 'nobody'}, not to {ours}", remedy)
