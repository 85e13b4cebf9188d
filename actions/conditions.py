"""What a rule may ask of the signals; each class is one word of `handoff_rules.yml`. Pure.

A part that holds tells the values that met it, one that does not tells None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from actions.signals import Signals, Turn

Values = dict[str, Any]


class Part(Protocol):
    def met_by(self, signals: Signals) -> Values | None: ...


@dataclass(frozen=True)
class Condition:
    """All its parts must hold."""

    parts: tuple[Part, ...]

    def met_by(self, signals: Signals) -> Values | None:
        values: Values = {}
        for part in self.parts:
            found = part.met_by(signals)
            if found is None:
                return None
            values |= found
        return values


@dataclass(frozen=True)
class Intent:
    """The intent that was understood; with `at_least` any that is as sure, even if another one is surer."""

    names: tuple[str, ...]
    at_least: float | None = None
    unless: re.Pattern[str] | None = None

    def met_by(self, signals: Signals) -> Values | None:
        turn = signals.turn
        if self.unless and any(self.unless.search(clause) for clause in turn.clauses):
            return None
        name = self._name(turn)
        return None if name is None else {"intent": name, "confidence": round(turn.ranking.get(name, 0.0), 3)}

    def _name(self, turn: Turn) -> str | None:
        if self.at_least is None:
            return turn.intent if turn.intent in self.names else None
        return next((name for name in turn.ranking if name in self.names and turn.ranking[name] >= self.at_least), None)


@dataclass(frozen=True)
class SeveralIntents:
    at_least: int
    confidence_at_least: float
    of: tuple[str, ...]

    def met_by(self, signals: Signals) -> Values | None:
        close = [name for name in self.of if signals.turn.ranking.get(name, 0.0) >= self.confidence_at_least]
        return {"intents": close} if len(close) >= self.at_least else None


@dataclass(frozen=True)
class ConfidenceBelow:
    """Nothing was understood so surely. A pressed button is always sure."""

    limit: float

    def met_by(self, signals: Signals) -> Values | None:
        confidence = signals.turn.confidence
        return {"confidence": round(confidence, 3)} if signals.turn.typed and confidence < self.limit else None


@dataclass(frozen=True)
class Phrases:
    """Sought in each clause but those in which `unless` is found."""

    any: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def met_by(self, signals: Signals) -> Values | None:
        heard = (clause for clause in signals.turn.clauses if not (self.unless and self.unless.search(clause)))
        found = next((match for clause in heard if (match := self.any.search(clause))), None)
        return {"phrase": found.group().strip()} if found else None


@dataclass(frozen=True)
class Alone:
    """A clause is one of them and nothing else."""

    any: re.Pattern[str]

    def met_by(self, signals: Signals) -> Values | None:
        found = next((clause for clause in signals.turn.clauses if self.any.fullmatch(clause)), None)
        return {"phrase": found.strip()} if found else None


@dataclass(frozen=True)
class Words:
    at_least: int

    def met_by(self, signals: Signals) -> Values | None:
        return {"words": signals.turn.words} if signals.turn.words >= self.at_least else None


@dataclass(frozen=True)
class Sentiment:
    label: str

    def met_by(self, signals: Signals) -> Values | None:
        return {"sentiment": self.label} if signals.turn.sentiment == self.label else None


@dataclass(frozen=True)
class Score:
    at_most: float

    def met_by(self, signals: Signals) -> Values | None:
        turn = signals.turn
        return {"score": turn.score} if turn.sentiment is not None and turn.score <= self.at_most else None


@dataclass(frozen=True)
class Negatives:
    at_least: int
    of_last: int

    def met_by(self, signals: Signals) -> Values | None:
        count = signals.negatives(self.of_last)
        return {"negatives": count} if count >= self.at_least else None


@dataclass(frozen=True)
class ScoreFalls:
    by: float
    over: int

    def met_by(self, signals: Signals) -> Values | None:
        fall = signals.fall(self.over)
        return {"score_falls": round(fall, 3)} if fall >= self.by else None


@dataclass(frozen=True)
class Failures:
    at_least: int

    def met_by(self, signals: Signals) -> Values | None:
        return {"failures": signals.failures} if signals.failures >= self.at_least else None


@dataclass(frozen=True)
class FailedWithin:
    """In one of so many turns before this message the assistant did not help."""

    turns: int

    def met_by(self, signals: Signals) -> Values | None:
        return {"failed_within": self.turns} if signals.failed_within(self.turns) else None


@dataclass(frozen=True)
class Repeats:
    at_least: int

    def met_by(self, signals: Signals) -> Values | None:
        return {"repeats": signals.repeats} if signals.repeats >= self.at_least else None


@dataclass(frozen=True)
class Doing:
    """The skill that is under way, whatever this message is to it."""

    names: tuple[str, ...]

    def met_by(self, signals: Signals) -> Values | None:
        return {"doing": signals.doing} if signals.doing in self.names else None


@dataclass(frozen=True)
class OrderValue:
    at_least: float

    def met_by(self, signals: Signals) -> Values | None:
        value = signals.order_value_usd
        return {"order_value_usd": value} if value is not None and value >= self.at_least else None


@dataclass(frozen=True)
class Vip:
    wanted: bool

    def met_by(self, signals: Signals) -> Values | None:
        return {"vip": signals.vip} if signals.vip == self.wanted else None
