"""What a person has settled with the customer, told by the assistant afterwards."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

MAX_NOTE = 3_800  # characters; with the words around it and a name of 120, a message has at most 4 000


def tell_settled(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Repeats the note that the hub's seed brought, unless this stretch has heard it; the events that remember so."""
    return [] if tracker.get_slot("settled_told") else _tell(dispatcher, tracker)


def _tell(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    settled = tracker.get_slot("settled")
    if not isinstance(settled, dict) or not settled.get("note"):
        return []
    note = settled["note"] if len(settled["note"]) <= MAX_NOTE else f"{settled['note'][:MAX_NOTE]}…"
    if settled.get("agent_name"):
        dispatcher.utter_message(response="utter_settled", agent_name=settled["agent_name"], note=note)
    else:
        dispatcher.utter_message(response="utter_settled_by_team", note=note)
    return [SlotSet("settled_told", True)]


class ActionAskSettled(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Whoever asks hears it, however often."""

    def name(self) -> str:
        return "action_ask_settled"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        told = _tell(dispatcher, tracker)
        if not told:
            dispatcher.utter_message(response="utter_nothing_settled")
        return told
