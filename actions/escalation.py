"""Is a person needed? Pure: (signals, rules) → decision with its evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

ACTIONS = ("handoff", "offer")
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


@dataclass(frozen=True)
class Signals:
    """What one turn showed. `failures` counts turns in a row, this one too, in which the assistant did not help."""

    text: str
    intent: str | None
    confidence: float
    failures: int = 0


@dataclass(frozen=True)
class Condition:
    """All parts that are set must hold."""

    intent: str | None = None
    confidence_at_least: float = 0.0
    phrase: str | None = None
    failures_at_least: int | None = None

    def met_by(self, signals: Signals) -> dict[str, Any] | None:
        """The values that met it; None when it is not met."""
        values: dict[str, Any] = {}
        if self.intent is not None:
            if signals.intent != self.intent or signals.confidence < self.confidence_at_least:
                return None
            values |= {"intent": signals.intent, "confidence": round(signals.confidence, 3)}
        if self.phrase is not None:
            found = re.search(self.phrase, signals.text, re.IGNORECASE)
            if found is None:
                return None
            values["phrase"] = found.group()
        if self.failures_at_least is not None:
            if signals.failures < self.failures_at_least:
                return None
            values["failures"] = signals.failures
        return values or None


@dataclass(frozen=True)
class Rule:
    id: str
    reason: str
    action: str
    any: tuple[Condition, ...]
    unless: str | None = None


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

    def as_report(self) -> dict[str, Any]:
        return {
            "action": self.action,
            "reason": self.reason,
            "evidence": self.evidence,
            "rules_version": self.rules_version,
        }


def decide(signals: Signals, rules: Rules) -> Decision:
    """The first rule that is met decides; rules stand in the order of their weight."""
    for rule in rules.rules:
        if rule.unless and re.search(rule.unless, signals.text, re.IGNORECASE):
            continue
        for condition in rule.any:
            values = condition.met_by(signals)
            if values is not None:
                evidence = {
                    "rule": rule.id,
                    "rule_version": rules.version,
                    "values": values,
                    "text": signals.text[:4000] or None,
                }
                return Decision(rule.action, rule.reason, evidence, rules.version)
    return Decision(rules_version=rules.version)
