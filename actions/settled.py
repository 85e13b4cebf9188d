"""What a person has settled with the customer, told by the assistant afterwards."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


def settled_by_a_person(tracker: Tracker) -> dict[str, Any] | None:
    """The outcome with a note in it, as the hub's seed brought it."""
    settled = tracker.get_slot("settled")
    return settled if isinstance(settled, dict) and settled.get("note") else None


class ActionAskSettled(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_ask_settled"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        settled = settled_by_a_person(tracker)
        if settled:
            dispatcher.utter_message(
                response="utter_settled", agent_name=settled["agent_name"] or "", note=settled["note"]
            )
        else:
            dispatcher.utter_message(response="utter_nothing_settled")
        return []
