"""`action_handoff`: closes what is open and gives the conversation, with all that was understood, to people."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, ConversationPaused, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.beside import is_beside
from actions.handoff_client import NobodyReached, request_handoff
from actions.wording import opening

logger = logging.getLogger(__name__)
MAX_TRACKER = 1_000_000  # bytes; the hub takes two million
MAX_EVENTS = 2_000
INTERNAL = (
    "session_started_metadata",
    "turn_report",
    "requested_slot",
    "handoff_reason",
    "failures",
    "offer",
    "offered_at",
    "also",
    "also_asked",
    "skill",
)


class ActionHandoff(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_handoff"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        closed = [*_given_back(tracker), ActiveLoop(None), SlotSet("requested_slot", None)]
        if is_beside(tracker):
            guessed = tracker.get_slot("handoff_reason") == "repeated_failure"
            dispatcher.utter_message(response="utter_beside_no_match" if guessed else "utter_beside_not_here")
            return [*closed, SlotSet("handoff_reason", None), SlotSet("failures", 0)]
        answer = await _asked(tracker)
        if answer.get("status") == "queued":
            # A second lock behind the hub's own. The hub has told the customer already, so nothing is said here.
            return [*closed, SlotSet("handoff_reason", None), ConversationPaused()]
        ended = [*closed, SlotSet("handoff_reason", None), SlotSet("failures", 0)]
        if answer.get("status") == "closed":
            return [*ended, *_nobody_there(dispatcher, tracker, answer)]
        dispatcher.utter_message(response="utter_nobody_reached")
        return ended


class ActionNoPerson(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """A wish for a person that is denied. One that is only unclear has an offer, which the policy puts last."""

    def name(self) -> str:
        return "action_no_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        if tracker.get_slot("offer") != "ask":
            dispatcher.utter_message(response="utter_offer_declined")
        return []


async def _asked(tracker: Tracker) -> dict[str, Any]:
    """The hub's answer; empty when it gave none."""
    try:
        return await asyncio.to_thread(request_handoff, handoff_request(tracker))
    except NobodyReached as trouble:
        logger.warning("handoff.not_taken %s", trouble)
    except Exception:  # whatever it is, the customer who asked for a person hears that it did not work
        logger.exception("handoff.failed")
    return {}


def handoff_request(tracker: Tracker) -> dict[str, Any]:
    """The `handoff_request` of this turn."""
    report = tracker.get_slot("turn_report")
    decision = report["decision"]
    return {
        "version": 1,
        "sender": tracker.sender_id,
        "turn_id": report.get("turn_id") or "t-none",
        "action": "action_handoff",
        "reason": decision["reason"],
        "evidence": decision["evidence"],
        "rules_version": decision["rules_version"],
        "language": tracker.get_slot("language") or "es",
        "tracker": _tracker(tracker),
    }


def _tracker(tracker: Tracker) -> dict[str, Any]:
    events = [event for event in tracker.events if event.get("event")][-MAX_EVENTS:]
    truncated = len(events) < len(tracker.events)
    while events and len(json.dumps(events, ensure_ascii=False).encode()) > MAX_TRACKER:
        events, truncated = events[len(events) // 4 + 1 :], True
    return {
        "events": events,
        "slots": {name: value for name, value in tracker.slots.items() if value is not None and name not in INTERNAL},
        "intents": [_intent(event) for event in events if event.get("event") == "user"][-500:],
        "truncated": truncated,
    }


def _intent(event: dict[str, Any]) -> dict[str, Any]:
    intent = (event.get("parse_data") or {}).get("intent") or {}
    confidence = min(1.0, max(0.0, float(intent.get("confidence") or 0.0)))
    return {"name": intent.get("name"), "confidence": confidence, "text": event.get("text")}


def _given_back(tracker: Tracker) -> list[dict[str, Any]]:
    """The words that called for a person have also been taken for the form's answer; they are not one."""
    asked = tracker.get_slot("requested_slot")
    if asked and tracker.get_slot(asked) == tracker.latest_message.get("text"):
        return [SlotSet(asked, None)]
    return []


def _nobody_there(dispatcher: CollectingDispatcher, tracker: Tracker, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The truth about when somebody will be, and the offer to call back."""
    opens_at = answer.get("opens_at")
    when = opening(opens_at, answer.get("time_zone"), tracker.get_slot("language"))
    dispatcher.utter_message(response="utter_closed_hours" if opens_at else "utter_closed_nobody", when=when)
    return [FollowupAction("callback_form")]
