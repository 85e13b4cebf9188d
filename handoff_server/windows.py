"""How long a platform lets us answer, and what it allows afterwards. Pure; times are ms since 1970.

A window runs from the customer's last message. Nothing is ever sent against the rules: what may not go is shown to the
agent as failed, with what is possible instead.
"""

from dataclasses import dataclass
from typing import Literal

Then = Literal["template", "human_agent", "closed"]
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
HURRY_MS = HOUR_MS


@dataclass(frozen=True)
class Rule:
    """`open_ms`: how long everybody may answer; then what `then` says, for `then_ms` since the same message."""

    open_ms: int
    then: Then
    then_ms: int | None = None  # none: without end


RULES = {
    "whatsapp": Rule(DAY_MS, "template"),
    "twilio_whatsapp": Rule(DAY_MS, "closed"),
    "messenger": Rule(DAY_MS, "human_agent", 7 * DAY_MS),
    "instagram": Rule(DAY_MS, "human_agent", 7 * DAY_MS),
}


@dataclass(frozen=True)
class Window:
    """Open `until` (none: nobody has written yet), afterwards what `then` says, at most until `last`."""

    until: int | None
    then: Then
    last: int | None = None


def window(channel: str, heard_at: int | None, gone_at: int | None = None) -> Window | None:
    """The window of a conversation on this channel; None where there is no limit. `gone_at`: since when the customer
    cannot be reached there, whatever the platform allows in general."""
    if gone_at is not None:
        return Window(gone_at, "closed", gone_at)
    rule = RULES.get(channel)
    if rule is None:
        return None
    if heard_at is None:
        return Window(None, rule.then)
    last = heard_at + rule.then_ms if rule.then_ms else None
    return Window(heard_at + rule.open_ms, rule.then, last)


Way = Literal["free", "human_agent", "template"]


def way(found: Window | None, author: str, is_template: bool, at: int) -> Way | None:
    """How this author's words may go now; None: not at all. A window that is not known yet is the platform's to judge.

    The human-agent tag is for a person's answer only; the assistant and the hub itself never use it.
    """
    if is_template:
        return "template" if found is None or found.then == "template" else None
    if found is None or (found.until is None) or (at < found.until):
        return "free"
    if found.then == "human_agent" and author == "agent" and (found.last is None or at < found.last):
        return "human_agent"
    return None


def hurries(found: Window | None, at: int) -> bool:
    """Whether it closes within the hour: then an answer is worth more now than its place in the queue."""
    return found is not None and found.until is not None and 0 <= found.until - at <= HURRY_MS
