"""Is a person needed? Pure: (signals, rules) → decision with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from actions.conditions import Condition, Values
from actions.signals import Signals

ACTIONS = ("handoff", "offer")  # the stronger one first
PRIORITIES = ("urgent", "high", "normal", "low")
REASONS = (
    "customer_request",
    "negative_sentiment",
    "sensitive_topic",
    "complex_request",
    "repeated_failure",
    "high_value",
    "bot_failure",
    "agent_takeover",
)
MAX_TEXT = 4_000  # of evidence


@dataclass(frozen=True)
class Rule:
    """`priority`, `team` and `skill` are for the queue: how urgent it is, and who can help."""

    id: str
    reason: str
    action: str
    any: tuple[Condition, ...]
    priority: str = "normal"
    team: str | None = None
    skill: str | None = None

    @property
    def weight(self) -> tuple[int, int]:
        """Less is heavier: a handoff before any offer, so that more signals never lead to less."""
        return ACTIONS.index(self.action), PRIORITIES.index(self.priority)

    def met_by(self, signals: Signals) -> Values | None:
        return next((values for one in self.any if (values := one.met_by(signals)) is not None), None)


@dataclass(frozen=True)
class Rules:
    version: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Decision:
    """`action` is none, offer or handoff; evidence tells the rule, the values that met it, and the message."""

    action: str = "none"
    reason: str | None = None
    evidence: dict[str, Any] | None = None
    rules_version: str = ""

    @classmethod
    def reported(cls, report: dict[str, Any] | None) -> Decision:
        """From `as_report`, or nothing decided."""
        return cls(**(report or {}).get("decision") or {})

    def as_report(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "reason": self.reason,
            "evidence": self.evidence,
            "rules_version": self.rules_version,
        }


def decide(signals: Signals, rules: Rules, last: Decision = Decision()) -> Decision:
    """The weightiest rule that is met decides, among equals the first in the file.

    `last` is the decision of the turn before: when it was an offer, a yes to it is a handoff for the offer's reason.
    """
    met = [(rule, values) for rule in rules.rules if (values := rule.met_by(signals)) is not None]
    if signals.offered:  # once in a case, but who asks for a person unclearly is asked back each time
        met = [(rule, values) for rule, values in met if rule.action != "offer" or rule.reason == "customer_request"]
    if accepted(signals, last):
        evidence = dict(last.evidence or {})
        evidence["values"] = evidence.get("values", {}) | {"offer": "accepted"}
        return replace(last, action="handoff", evidence=evidence)
    if not met:
        return Decision(rules_version=rules.version)
    rule, values = min(met, key=lambda one: one[0].weight)
    return Decision(rule.action, rule.reason, _evidence(rule, values, signals, rules), rules.version)


def accepted(signals: Signals, last: Decision) -> bool:
    """The customer takes the person that was offered. Where the offer was a button of another question, a yes in words
    answers that question; and who asks for a person in words is heard by the rules, which know a denial."""
    turn = signals.turn
    yes = turn.intent == "affirm" and signals.asked if turn.typed else turn.intent == "human_handoff"
    return last.action == "offer" and yes


def declined(signals: Signals) -> bool:
    """Whatever else the customer says is a no too, but then that is what is answered."""
    turn = signals.turn
    if not turn.typed:
        return turn.intent == "deny" and turn.pressed.get("offer") == "declined"
    return turn.intent == "deny" and signals.asked


def _evidence(rule: Rule, values: Values, signals: Signals, rules: Rules) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "rule_version": rules.version,
        "values": values,
        "text": signals.turn.text[:MAX_TEXT] or None,
        "routing": {"priority": rule.priority, "team": rule.team, "skill": rule.skill},
    }
