"""The questions of forms that are more than a fixed text. Rasa looks for them as `action_ask_<slot>`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.shop import Order, ShopUnavailable
from actions.form import asked_before, since_customer
from actions.person_button import person_button
from actions.verification import proven_order


class Ask(Action, ABC):  # type: ignore[misc]  # rasa-sdk has no types
    """For what every form about an order needs: in full the first time, in few words the next time."""

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


class AskAboutOrder(Action, ABC):  # type: ignore[misc]  # rasa-sdk has no types
    """A question that needs the order which the form has verified."""

    @abstractmethod
    async def ask(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        """The question's events. ShopUnavailable may pass: the form stays open, and the next message asks again."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        try:
            order = await proven_order(tracker)
            return await self.ask(order, dispatcher, tracker) if order else []
        except ShopUnavailable:
            dispatcher.utter_message(response="utter_shop_unavailable")
            return []


class AskConfirmed(AskAboutOrder, ABC):
    """Before anything is changed: what exactly will be done, and a yes or no by button."""

    topic = ""

    def response(self, order: Order, tracker: Tracker) -> str:
        return f"utter_{self.topic}_confirm"

    def name(self) -> str:
        return f"action_ask_{self.topic}_form_confirmed"

    @abstractmethod
    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        """What the text names, beside `order_number`."""

    async def ask(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        facts = self.facts(order, tracker)
        buttons, offered = person_button(tracker)
        response = self.response(order, tracker)
        dispatcher.utter_message(response=response, buttons=buttons, order_number=order.number, **facts)
        return offered
