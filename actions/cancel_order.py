"""Cancels an order that has not left yet."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import AskConfirmed
from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.backoffice.shop import Order
from actions.form import OrderForm
from actions.skill import OrderSkill, Outcome
from actions.wording import day_and_month, items_of


class CancelOrderForm(OrderForm):
    topic = "cancel_order"
    call = "cancel"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        return ("confirmed",)


class AskCancelOrder(AskConfirmed):
    topic = "cancel_order"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        language = tracker.get_slot("language")
        return {"items": items_of(order.items, language), "total": written(order.total, language)}


class ActionCancelOrder(OrderSkill):
    topic = "cancel_order"
    call = "cancel"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_cancel_order_kept", order_number=order.number)
            return Outcome("declined")
        await asyncio.to_thread(shop().cancel, order.number, self.key(tracker))
        refund = await asyncio.to_thread(shop().refund, order.number)
        language = tracker.get_slot("language")
        if refund is None:
            dispatcher.utter_message(response="utter_cancel_order_done", order_number=order.number)
        else:
            dispatcher.utter_message(
                response="utter_cancel_order_done_refund",
                order_number=order.number,
                amount=written(refund.amount, language),
                method=refund.method,
                date=day_and_month(refund.expected, language),
            )
        return Outcome("cancelled", solved=True)
