"""What a rules file would have done in stored conversations, against what happened. Pure: log → one result a case.

The very code that decides in the assistant decides here. The log is what would have happened up to the moment in which
a person would have come; what the log has after it is only told as what happened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from actions.escalation import Decision, Rules, decide
from actions.signals import Signals, Turn


@dataclass(frozen=True)
class Call:
    """A person was called or offered (`action`). `turn` counts a case's turns from 1; `at` is ms since 1970 UTC."""

    action: str
    rule: str
    reason: str
    turn: int
    at: int
    text: str | None = None


@dataclass(frozen=True)
class Case:
    """`would`: the rules' offer, if any, and the handoff that ends it; `did`: the first call in the log; `judged`: rule
    and verdict of the handoffs of which people have said whether they came right."""

    conversation: str
    id: str
    turns: int
    outcome: str | None
    would: tuple[Call, ...]
    did: Call | None
    judged: tuple[tuple[str, str], ...] = ()

    def verdict(self, call: Call) -> str:
        """`same`, `earlier` or `later` than the log, or `new`: nobody was called."""
        if self.did is None:
            return "new"
        if call.turn == self.did.turn:
            return "same"
        return "earlier" if call.turn < self.did.turn else "later"


def replay(conversation: Mapping[str, Any], rules: Rules) -> list[Case]:
    """The cases of one exported conversation (`conversation` of the contract) in which the assistant took part."""
    return [_case(conversation, case, turns, rules) for case, turns in _turns_by_case(conversation).items()]


@dataclass(frozen=True)
class _Taken:
    """One answered turn of the log. `heard` ends with it and begins with its stretch; slots and form as they were."""

    heard: tuple[Turn, ...]
    at: int
    report: Mapping[str, Any]
    slots: Mapping[str, Any]
    form: str | None


def _turns_by_case(conversation: Mapping[str, Any]) -> dict[str, list[_Taken]]:
    said: dict[str, list[Mapping[str, Any]]] = {}
    for message in conversation["messages"]:
        if message["author"] == "customer" and message["turn_id"]:
            said.setdefault(message["turn_id"], []).append(message)
    cases: dict[str, list[_Taken]] = {}
    heard: dict[int, tuple[Turn, ...]] = {}
    before: dict[int, Mapping[str, Any]] = {}  # by stretch: the report of its last turn
    for turn in conversation["turns"]:
        messages, report, stretch = said.get(turn["id"]), turn["report"], turn["stretch"]
        if messages and report:
            text = messages[0]["payload"] or "\n".join(message["text"] for message in messages).lstrip(" /")
            heard[stretch] = (*heard.get(stretch, ()), Turn.heard(text, report, bool(report.get("failed"))))
            last = before.get(stretch, {})
            taken = _Taken(heard[stretch], turn["at"], report, last.get("slots", {}), last.get("form"))
            cases.setdefault(messages[0]["case_id"] or "", []).append(taken)
            before[stretch] = report
    return cases


def _case(conversation: Mapping[str, Any], case: str, turns: list[_Taken], rules: Rules) -> Case:
    outcome = next((one["outcome"] for one in conversation["cases"] if one["id"] == case), None)
    did = min(_happened(conversation, case, turns), key=lambda call: call.turn, default=None)
    judged = tuple(_judged(conversation, case))
    return Case(conversation["id"], case, len(turns), outcome, tuple(_decided(turns, rules)), did, judged)


def _decided(turns: list[_Taken], rules: Rules) -> Iterator[Call]:
    offered = False
    for number, taken in enumerate(turns, start=1):
        failures = int(taken.report.get("failures") or 0)
        decision = decide(Signals.after(taken.heard, failures, taken.slots, offered, taken.form), rules)
        yield from _call(decision, number, taken.at)
        if decision.action == "handoff":
            return
        offered = offered or decision.action == "offer"


def _happened(conversation: Mapping[str, Any], case: str, turns: list[_Taken]) -> Iterator[Call]:
    for number, taken in enumerate(turns, start=1):
        decision = Decision.reported(dict(taken.report))
        if decision.action == "offer":
            yield from _call(decision, number, taken.at)
    for one in conversation["handoffs"]:
        if one["case_id"] == case:
            number = sum(taken.at <= one["requested_at"] for taken in turns)
            yield Call("handoff", _rule(one), one["reason"], max(1, number), one["requested_at"])


def _judged(conversation: Mapping[str, Any], case: str) -> Iterator[tuple[str, str]]:
    for one in conversation["handoffs"]:
        if one["case_id"] == case and one.get("verdict"):
            yield _rule(one), one["verdict"]


def _rule(handoff: Mapping[str, Any]) -> str:
    named: str = (handoff["evidence"] or {}).get("rule") or handoff["reason"]
    return named


def _call(decision: Decision, number: int, at: int) -> Iterator[Call]:
    evidence = decision.evidence
    if evidence is not None and decision.reason is not None:
        yield Call(decision.action, evidence["rule"], decision.reason, number, at, evidence["text"])
