"""Delivers an order that has not left yet to another address."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import AskConfirmed
from actions.backoffice.door import shop
from actions.backoffice.shop import Order
from actions.form import OrderForm
from actions.skill import OrderSkill, Outcome
from actions.wording import day_and_month


class ChangeAddressForm(OrderForm):
    topic = "change_address"
    call = "change_address"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        return ("address", "city", "confirmed")


class AskChangeAddress(AskConfirmed):
    topic = "change_address"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        return {"place": place(tracker)}


class ActionChangeAddress(OrderSkill):
    topic = "change_address"
    call = "change_address"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_change_address_kept", place=f"{order.address}, {order.city}")
            return Outcome("declined")
        where = tracker.get_slot("address"), tracker.get_slot("city")
        moved = await asyncio.to_thread(shop().change_address, order.number, *where, self.key(tracker))
        dispatcher.utter_message(
            response=f"utter_change_address_done_{moved.state}",
            order_number=moved.number,
            place=place(tracker),
            date=day_and_month(moved.date, tracker.get_slot("language")),
        )
        return Outcome("changed", solved=True)


def place(tracker: Tracker) -> str:
    """Street and city, the city once."""
    address, city = tracker.get_slot("address"), tracker.get_slot("city")
    return address if city.lower() in address.lower() else f"{address}, {city}"
