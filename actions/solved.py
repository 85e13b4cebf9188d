"""Did that solve it? Asked after a skill; only the customer's own yes closes the case."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.beside import is_beside
from actions.report import case_report

ANSWERS = ("affirm", "deny", "thanks")


def ask_solved(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    if not may_ask(tracker):
        return []
    dispatcher.utter_message(response="utter_ask_solved")
    return [SlotSet("solved_asked", True)]


def may_ask(tracker: Tracker) -> bool:
    """Not while a form waits for its answer, nor with an offer of a person: one question at a time. Nor is an agent
    asked."""
    decision = (tracker.get_slot("turn_report") or {}).get("decision") or {}
    calm = not tracker.active_loop_name and decision.get("action", "none") == "none"
    return calm and not is_beside(tracker)


def no_longer_asked(tracker: Tracker) -> dict[str, None]:
    """Whoever goes on with something else has left the question unanswered."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return {"solved_asked": None} if tracker.get_slot("solved_asked") and intent not in ANSWERS else {}


class ActionSolved(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_solved"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_solved")
        # The case ends here: in the next one a person may be offered again.
        return [SlotSet("solved_asked", None), SlotSet("offered_at", None), *case_report(tracker, "solved")]


class ActionUnsolved(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_unsolved"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_unsolved")
        return [SlotSet("solved_asked", None), *case_report(tracker, "unsolved")]
