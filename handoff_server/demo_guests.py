"""Made-up customers of a month, whole lives of them, drawn from a seed: the same seed, the same month. Pure.

Times are milliseconds. Since everything is decided here, what the measures of such a month are is known beforehand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
SILENT_MS = DAY  # after which a case closes
AGENTS = 6
Ends = Literal["confirmed", "silent", "resolved", "returned", "left"]


@dataclass(frozen=True)
class Help:
    """A person's part. `taken_ms`: from the request; None where the customer leaves after `left_ms`. The first reply
    comes `replied_ms` after taking, by whoever has it then: `second`, if `agent` has released it before."""

    reason: str
    rule: str
    team: str
    asked_ms: int  # after the bot's answer
    taken_ms: int | None
    left_ms: int
    agent: int
    second: int
    passed: Literal["", "released", "transferred"]
    replied_ms: int
    ended_ms: int  # after the reply, or after `second` has taken it
    wrapped_ms: int
    verdict: str | None
    asked_again: bool | None


@dataclass(frozen=True)
class Visit:
    """One matter: opened with a message, answered by the bot, ended one way or another."""

    at: int
    matter: str
    answered_ms: int
    ends: Ends
    ended_ms: int  # after the bot's answer, where no person is needed
    help: Help | None
    judged: bool  # the customer is asked what it was like: once for a case, after it has been settled
    csat: int | None
    nps: int | None


@dataclass(frozen=True)
class Guest:
    number: int
    name: str
    channel: Literal["web", "whatsapp"]
    language: str
    visits: tuple[Visit, ...]


_NAMES = "Camila Andrés Valentina Mateo Luciana Joaquín Daniela Emilio Renata Tomás Isabel Bruno Paula Iván".split()
_MATTERS = ("order_status", "cancel_order", "return_item", "invoice", "shipping_cost")
_CALLS = (
    ("customer_request", "asks_for_human", "care"),
    ("negative_sentiment", "angry", "care"),
    ("sensitive_topic", "wrong_charge", "payments"),
    ("high_value", "high_value_order", "sales"),
    ("repeated_failure", "failed_twice", "care"),
)


def guests(start: int, days: int, each_day: int, seed: int = 7) -> Iterator[Guest]:
    """Customers who come within these days; the last matters of some end up to two days later."""
    draw = Random(seed)  # noqa: S311  # a demo, not a secret
    number = 0
    for day in range(days):
        quiet = (start // DAY + day + 3) % 7 in (5, 6)  # the first of January 1970 was a Thursday
        for _ in range(each_day // 2 if quiet else each_day):
            number += 1
            opened = start + day * DAY + int(draw.triangular(8, 22, 12) * HOUR)
            yield _guest(draw, number, opened)


def _guest(draw: Random, number: int, at: int) -> Guest:
    first = _visit(draw, at, draw.choice(_MATTERS))
    visits = [first]
    if draw.random() < 0.12:  # comes back, with the same matter (the same case) or another, when the first one is over
        matter = first.matter if draw.random() < 0.5 else _other(draw, first.matter)
        again = _visit(draw, at + draw.randrange(27, 60) * HOUR, matter)
        is_asked = again.judged and not (matter == first.matter and first.judged)
        visits.append(again if is_asked else replace(again, judged=False, csat=None, nps=None))
    channel: Literal["web", "whatsapp"] = "whatsapp" if draw.random() < 0.4 else "web"
    language = "en" if draw.random() < 0.25 else "es"
    return Guest(number, draw.choice(_NAMES), channel, language, tuple(visits))


def _other(draw: Random, matter: str) -> str:
    return draw.choice([one for one in _MATTERS if one != matter])


def _visit(draw: Random, at: int, matter: str) -> Visit:
    ends: Ends = draw.choices(("confirmed", "silent", "resolved", "returned", "left"), (46, 20, 29, 4, 1))[0]
    helped = _help(draw, ends) if ends in ("resolved", "returned", "left") else None
    judged = ends in ("confirmed", "resolved", "returned")
    answers = judged and draw.random() < 0.35
    return Visit(
        at,
        matter,
        draw.randrange(300, 2_500),
        ends,
        draw.randrange(20, 240) * 1000,
        helped,
        judged,
        draw.choices((1, 2, 3, 4, 5), (1, 1, 2, 6, 8))[0] if answers else None,
        draw.choices(range(11), (2, 1, 1, 1, 1, 2, 3, 5, 8, 9, 10))[0] if answers and draw.random() < 0.8 else None,
    )


def _help(draw: Random, ends: Ends) -> Help:
    reason, rule, team = draw.choices(_CALLS, (8, 3, 3, 2, 3))[0]
    agent = draw.randrange(AGENTS)
    return Help(
        reason,
        rule,
        team,
        asked_ms=draw.randrange(15, 120) * 1000,
        taken_ms=None if ends == "left" else int(draw.expovariate(1 / 25) * 1000) + 1_000,
        left_ms=draw.randrange(60, 600) * 1000,
        agent=agent,
        second=(agent + 1) % AGENTS,
        passed=draw.choices(("", "released", "transferred"), (85, 6, 9))[0],
        replied_ms=int(draw.expovariate(1 / 20) * 1000) + 2_000,
        ended_ms=draw.randrange(60, 1_200) * 1000,
        wrapped_ms=draw.randrange(5, 50) * 1000,
        verdict=draw.choices((None, "right", "late", "needless"), (5, 10, 2, 2))[0],
        asked_again=draw.choices((None, False, True), (5, 10, 3))[0],
    )
