"""Runs on every turn, whatever the intent, inside forms too: language, failures, the decision, and the turn report.

The report is the heartbeat of the action server: a turn without it is a failed turn for the hub.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import ValidationAction
from rasa_sdk.types import DomainDict

from actions.also import also_answered
from actions.beside import is_beside, refused_here
from actions.escalation import Decision, decide, declined
from actions.form import slots_of
from actions.hearing import NOT_UNDERSTOOD, Heard, hear
from actions.language import LANGUAGES, language_of
from actions.reading import SURE, Message
from actions.rules_file import RulesFile
from actions.signals import Signals, Turn
from actions.solved import no_longer_asked
from actions.survey_answer import answer_in
from actions.verification import outlived

MAX_ENTITIES = 50  # of turn_response
SURVEY = "survey_form"


class ActionValidateSlotMappings(ValidationAction):  # type: ignore[misc]  # rasa-sdk has no types
    """rasa calls it after every customer message; `turn_report` has the `custom` mapping that makes it run."""

    def __init__(self) -> None:
        self._rules = RulesFile()

    async def extract_turn_report(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if _decided(tracker):
            return {}
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        text = message.get("text") or ""
        heard = _heard(tracker, domain)
        signals = _signals(tracker, heard)
        last = Decision.reported(tracker.get_slot("turn_report"))
        decision = decide(signals, self._rules.current(), last)
        if decision.reason == "customer_request" and heard and "callback_contact" in heard.values:
            decision = Decision(rules_version=decision.rules_version)  # "llámenme al 300 …" is what the form asks for
        if is_beside(tracker):
            decision = Decision(rules_version=decision.rules_version)  # a person is there, and asks
        language = _language(tracker, metadata, signals.turn.text)
        intent = message.get("intent") or {}
        report = {
            "turn_id": metadata.get("turn_id"),
            "intent": {"name": intent.get("name"), "confidence": min(1.0, float(intent.get("confidence") or 0.0))},
            "entities": _entities(message),
            "sentiment": message.get("sentiment"),
            "language": language,
            "failures": signals.failures,
            "decision": decision.as_report(),
        }
        return {
            "turn_report": report,
            "language": language,
            "failures": signals.failures,
            "handoff_reason": decision.reason if decision.action == "handoff" else refused_here(tracker),
            "offer": _offer(decision, declined(signals)),
            **({"offered_at": time.time()} if decision.action == "offer" else {}),
            **outlived(tracker, text),
            **no_longer_asked(tracker),
            **also_answered(tracker),
        }


def _decided(tracker: Tracker) -> bool:
    """A form that opens has slots filled once more in the same turn: nothing is counted and nobody is asked twice."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "slot" and event.get("name") == "turn_report":
            return True
    return False


def _signals(tracker: Tracker, heard: Heard | None) -> Signals:
    turns = list(_turns(tracker))
    failures = _failures(tracker, heard) if turns[-1].typed else 0
    if heard and heard.values:
        judges = tracker.active_loop_name == SURVEY
        turns[-1] = _without_feeling(turns[-1]) if judges else _without_guesses(turns[-1])
    offered = tracker.get_slot("offered_at") is not None
    return Signals.after(turns, failures, tracker.slots, offered, tracker.active_loop_name)


def _turns(tracker: Tracker) -> Iterator[Turn]:
    """The customer's messages in this stretch; whether one failed is what the counter said when the next one came."""
    heard, failures = None, 0.0
    for event in tracker.events:
        if event.get("event") == "user":
            if heard is not None:
                yield Turn.heard(heard.get("text") or "", heard.get("parse_data") or {}, failures > 0)
            heard = event
        elif event.get("event") == "slot" and event.get("name") == "failures":
            failures = float(event.get("value") or 0)
    message = tracker.latest_message
    yield Turn.heard(message.get("text") or "", message)


def _offer(decision: Decision, refused: bool) -> str | None:
    """The question that HandoffPolicy puts at the end, or the no to it, which has a rule of its own."""
    if decision.action == "offer":
        return "ask"
    return "declined" if refused and decision.action == "none" else None


def _entities(message: dict[str, Any]) -> list[dict[str, Any]]:
    found = (message.get("entities") or [])[:MAX_ENTITIES]
    return [{"entity": one["entity"], "value": one["value"]} for one in found]


def _language(tracker: Tracker, metadata: dict[str, Any], typed: str) -> str:
    current = metadata.get("language") or tracker.get_slot("language")
    known = current if current in LANGUAGES else LANGUAGES[0]
    # Whatever the agent types in, the answer is for the customer.
    return str(known) if is_beside(tracker) else language_of(typed, known)


def _heard(tracker: Tracker, domain: DomainDict) -> Heard | None:
    """What the message is to the form that asks; None when none does."""
    asked = tracker.get_slot("requested_slot")
    if not tracker.active_loop_name or not asked:
        return None
    if tracker.active_loop_name == SURVEY:
        answer = answer_in(Message.of(tracker.latest_message), asked)
        return Heard(aside=True) if answer.aside else Heard({answer.slot: answer.value})
    topic = str(tracker.active_loop_name)[: -len("_form")]
    return hear(Message.of(tracker.latest_message), topic, asked, slots_of(topic, domain), tracker.slots)


def _failures(tracker: Tracker, heard: Heard | None) -> int:
    """Turns in a row in which the assistant did not understand, or got no usable answer to what its form asked."""
    if heard is None:
        failed = Message.of(tracker.latest_message).intent in NOT_UNDERSTOOD
    else:
        failed = not heard.values and not heard.aside
    return int(tracker.get_slot("failures") or 0) + 1 if failed else 0


def _without_guesses(turn: Turn) -> Turn:
    """An answer to a form ("me quedó chica") seldom has an intent: what a classifier half believes of it is no sign."""
    return replace(turn, ranking={name: sure for name, sure in turn.ranking.items() if sure >= SURE})


def _without_feeling(turn: Turn) -> Turn:
    """ "Pésimo" is what was asked for in a survey: no new complaint, and nothing has failed."""
    return replace(turn, intent=None, ranking={}, sentiment=None, score=0.0)
