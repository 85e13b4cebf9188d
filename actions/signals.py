"""What a turn showed, and the turns before it: all that the rules may look at. Pure.

The assistant makes them from Rasa's tracker, the replay from the hub's log; what follows from them is the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from actions.phrases import clauses, plain
from actions.repetition import alike

FALLBACK = "nlu_fallback"
RANKED = 5  # intents of a ranking; the turn report keeps as many
REMEMBERED = 10  # turns before this one; longer memory is the log's


@dataclass(frozen=True)
class Turn:
    """One customer message and what was understood of it. A pressed button was not `typed` and has no text.

    `failed`: the assistant did not help, as is known after the turn.
    """

    text: str
    intent: str | None = None
    ranking: Mapping[str, float] = field(default_factory=dict)
    sentiment: str | None = None
    score: float = 0.0
    typed: bool = True
    failed: bool = False
    pressed: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def heard(cls, text: str, understanding: Mapping[str, Any], failed: bool = False) -> Turn:
        """`understanding` as Rasa parses and as the log keeps it: intent, intent_ranking, entities, sentiment."""
        typed = not text.startswith("/")
        intent = understanding.get("intent") or {}
        sentiment = understanding.get("sentiment") or {}
        ranked = [intent, *(understanding.get("intent_ranking") or [])[:RANKED]]
        named = {one["name"]: float(one.get("confidence") or 0.0) for one in reversed(ranked) if one.get("name")}
        return cls(
            text=text if typed else "",
            intent=intent.get("name"),
            ranking={name: min(1.0, named[name]) for name in sorted(named, key=named.__getitem__, reverse=True)},
            sentiment=sentiment.get("label") if typed else None,
            score=float(sentiment.get("score") or 0.0) if typed else 0.0,
            typed=typed,
            failed=failed,
            pressed={} if typed else {one["entity"]: one["value"] for one in understanding.get("entities") or []},
        )

    @cached_property
    def clauses(self) -> tuple[str, ...]:
        return clauses(self.text)

    @cached_property
    def words(self) -> int:
        return len(re.findall(r"\w+", plain(self.text)))

    @property
    def confidence(self) -> float:
        """How surely the best intent was understood, be it too little to act on."""
        return max((sure for name, sure in self.ranking.items() if name != FALLBACK), default=0.0)

    @property
    def negative(self) -> bool:
        return self.sentiment == "negative"


@dataclass(frozen=True)
class Signals:
    """`failures` counts turns in a row, this one too, in which the assistant did not help; `before` is in order.

    `asked`: the question whether a person shall come stands open, so that a yes or no is about that. `doing`: the skill
    whose form was open when the message came; its yes has no intent of its own.
    """

    turn: Turn
    before: tuple[Turn, ...] = ()
    failures: int = 0
    order_value_usd: float | None = None
    vip: bool = False
    offered: bool = False  # a person, once already in this case
    asked: bool = False
    doing: str | None = None

    @classmethod
    def after(
        cls, turns: Sequence[Turn], failures: int, slots: Mapping[str, Any], offered: bool, form: str | None = None
    ) -> Signals:
        """Of the last of these turns, which are those of one bot stretch; `slots` as they were when it came."""
        return cls(
            turn=turns[-1],
            before=tuple(turns[:-1][-REMEMBERED:]),
            failures=failures,
            order_value_usd=slots.get("order_value_usd"),
            vip=bool(slots.get("vip")),
            offered=offered,
            asked=slots.get("offer") == "ask",
            doing=form.removesuffix("_form") if form else None,
        )

    def negatives(self, last: int) -> int:
        """Negative ones among the last typed messages, this one included."""
        return sum(turn.negative for turn in self._typed(last))

    def fall(self, over: int) -> float:
        """By how much the score fell over the last typed messages: the straight line that fits them best."""
        scores = [turn.score for turn in self._typed(over)]
        if len(scores) < over:
            return 0.0
        middle = (over - 1) / 2
        slope = sum((place - middle) * score for place, score in enumerate(scores))
        return -slope / sum((place - middle) ** 2 for place in range(over)) * (over - 1)

    @cached_property
    def repeats(self) -> int:
        """How often the same was said, this time included."""
        return 1 + sum(turn.typed and alike(turn.text, self.turn.text) for turn in self.before)

    def failed_within(self, turns: int) -> bool:
        return any(turn.failed for turn in self.before[-turns:])

    def _typed(self, last: int) -> list[Turn]:
        return [turn for turn in (*self.before, self.turn) if turn.typed][-last:]
