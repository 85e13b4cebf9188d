"""Runs on every turn, whatever the intent, inside forms too: language, failures, the decision, and the turn report.

The report is the heartbeat of the action server: a turn without it is a failed turn for the hub.
"""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import ValidationAction
from rasa_sdk.types import DomainDict

from actions.escalation import Signals, decide
from actions.form import slots_of
from actions.hearing import NOT_UNDERSTOOD, hear
from actions.language import LANGUAGES, language_of
from actions.reading import Message
from actions.rules_file import load_rules
from actions.solved import no_longer_asked
from actions.verification import outlived

logger = logging.getLogger(__name__)
MAX_ENTITIES = 50  # of turn_response


class ActionValidateSlotMappings(ValidationAction):  # type: ignore[misc]  # rasa-sdk has no types
    """rasa calls it after every customer message; `turn_report` has the `custom` mapping that makes it run."""

    def __init__(self) -> None:
        self._rules = load_rules()

    async def extract_turn_report(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        text = message.get("text") or ""
        typed = not text.startswith("/")
        language = _language(tracker, metadata, text if typed else "")
        failures = _failures(tracker, domain) if typed else 0
        intent = message.get("intent") or {}
        confidence = min(1.0, float(intent.get("confidence") or 0.0))
        decision = decide(Signals(text, intent.get("name"), confidence, failures), self._rules)
        report = {
            "turn_id": metadata.get("turn_id"),
            "intent": {"name": intent.get("name"), "confidence": confidence},
            "entities": _entities(message),
            "sentiment": message.get("sentiment"),
            "language": language,
            "decision": decision.as_report(),
        }
        return {
            "turn_report": report,
            "language": language,
            "failures": failures,
            "handoff_reason": decision.reason if decision.action == "handoff" else None,
            **outlived(tracker, text),
            **no_longer_asked(tracker),
        }


def _entities(message: dict[str, Any]) -> list[dict[str, Any]]:
    found = (message.get("entities") or [])[:MAX_ENTITIES]
    return [{"entity": one["entity"], "value": one["value"]} for one in found]


def _language(tracker: Tracker, metadata: dict[str, Any], typed: str) -> str:
    current = metadata.get("language") or tracker.get_slot("language")
    return language_of(typed, current if current in LANGUAGES else LANGUAGES[0])


def _failures(tracker: Tracker, domain: DomainDict) -> int:
    """Turns in a row in which the assistant did not understand, or got no usable answer to what its form asked."""
    message, asked = Message.of(tracker.latest_message), tracker.get_slot("requested_slot")
    if tracker.active_loop_name and asked:
        topic = str(tracker.active_loop_name)[: -len("_form")]
        heard = hear(message, topic, asked, slots_of(topic, domain), tracker.slots)
        failed = not heard.values and not heard.aside
    else:
        failed = message.intent in NOT_UNDERSTOOD
    return int(tracker.get_slot("failures") or 0) + 1 if failed else 0
