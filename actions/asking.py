"""Asks for number and e-mail: in full the first time, in few words the next time."""

from __future__ import annotations

from abc import ABC
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.form import asked_before, since_customer


class Ask(Action, ABC):  # type: ignore[misc]  # rasa-sdk has no types
    """Rasa's forms look for `action_ask_<slot>`."""

    slot = ""

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        turn = since_customer(tracker)
        if any(event.get("name") == "action_no_data" for event in turn):
            return []  # that has just told where to find it and what to do
        again = asked_before(tracker) == self.slot
        dispatcher.utter_message(response=f"utter_ask_{self.slot}_again" if again else f"utter_ask_{self.slot}_first")
        return []


class AskOrderNumber(Ask):
    slot = "order_number"


class AskEmail(Ask):
    slot = "email"
