"""What to say when the assistant did not understand: honest the first time, a person by button the second."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


class ActionNotUnderstood(Action):  # type: ignore[misc]  # rasa-sdk has no types
    def name(self) -> str:
        return "action_not_understood"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        first = int(tracker.get_slot("failures") or 0) <= 1
        if first and intent == "out_of_scope":
            dispatcher.utter_message(response="utter_out_of_scope")
        else:
            dispatcher.utter_message(response="utter_not_understood" if first else "utter_not_understood_again")
        return []
