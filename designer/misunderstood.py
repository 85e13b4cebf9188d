"""Which messages of a conversation the assistant may have got wrong, and how one can tell. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from actions.repetition import alike

NOT_UNDERSTOOD = ("nlu_fallback", None)
OUT_OF_SCOPE = "out_of_scope"
FLAGGED = "agent flagged"  # the strongest sign: a person has read it
UNSURE_BELOW = 0.75
BEFORE_A_HANDOFF = 3  # messages that led to a handoff for repeated failure


@dataclass(frozen=True)
class Misunderstood:
    """What a customer typed, the signs that it was got wrong, and the intent that an agent gave it, if one did."""

    text: str
    signs: tuple[str, ...]
    corrected: str | None = None


def misunderstood(conversation: dict[str, Any]) -> Iterator[Misunderstood]:
    """In the order of the log. Answers to the question of a form need no intent: they count when they failed only."""
    reports = {turn["id"]: turn["report"] or {} for turn in conversation["turns"]}
    typed = list(_needs(conversation))
    failures = {id for handoff in conversation["handoffs"] for id in _led_to(handoff, typed)}
    answers = _answers(conversation, reports)
    for place, message in enumerate(typed):
        understood, corrected = message["understanding"], message.get("corrected_intent")
        if corrected is None and (understood is None or message["turn_id"] is None):
            continue  # nobody read it, or it was said to a person
        later = typed[place + 1] if place + 1 < len(typed) else None
        signs = [FLAGGED] if corrected else []
        signs += _heard(understood or {}, message["id"] in answers)
        if later and later["case_id"] == message["case_id"] and alike(message["text"], later["text"]):
            signs.append("said again")
        if message["id"] in failures:
            signs.append("handed over for failure")
        if signs:
            yield Misunderstood(message["text"], tuple(signs), corrected)


def _needs(conversation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What customers typed; messages that the assistant took up as one turn are one."""
    together: dict[str, Any] | None = None
    for message in conversation["messages"]:
        if message["author"] != "customer" or message["payload"] is not None:
            continue
        if together and message["turn_id"] and message["turn_id"] == together["turn_id"]:
            together["text"] += f"\n{message['text']}"
            together["corrected_intent"] = message.get("corrected_intent") or together.get("corrected_intent")
            continue
        if together:
            yield together
        together = dict(message)
    if together:
        yield together


def _heard(understood: dict[str, Any], answer: bool) -> Iterator[str]:
    intent = understood.get("intent") or {}
    if answer:
        return
    if intent.get("name") in NOT_UNDERSTOOD:
        yield "not understood"
    elif intent["name"] == OUT_OF_SCOPE:
        yield "out of scope"
    elif float(intent.get("confidence") or 0.0) < UNSURE_BELOW:
        yield "unsure"


def _led_to(handoff: dict[str, Any], typed: list[dict[str, Any]]) -> list[int]:
    if handoff["reason"] != "repeated_failure":
        return []
    before = [one for one in typed if one["case_id"] == handoff["case_id"] and one["at"] <= handoff["requested_at"]]
    return [one["id"] for one in before[-BEFORE_A_HANDOFF:]]


def _answers(conversation: dict[str, Any], reports: dict[str, Any]) -> set[int]:
    """The messages that came while a form was open, and did not fail: a street or a number has no intent to learn."""
    found, form = set(), None
    for message in conversation["messages"]:
        report = reports.get(message["turn_id"] or "", {})
        if message["author"] == "customer":
            if form and not report.get("failed"):
                found.add(message["id"])
            form = report.get("form")
    return found
