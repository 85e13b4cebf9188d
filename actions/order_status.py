"""Where is my order?"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.shop import Order
from actions.form import OrderForm
from actions.settled import tell_settled
from actions.skill import OrderSkill, Outcome
from actions.wording import day_and_month, items_of


class OrderStatusForm(OrderForm):
    topic = "order_status"


class ActionOrderStatus(OrderSkill):
    topic = "order_status"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        language = tracker.get_slot("language")
        told = tell_settled(dispatcher, tracker)
        untracked = order.state == "shipped" and not (order.carrier and order.tracking)
        dispatcher.utter_message(
            response="utter_order_on_its_way" if untracked else f"utter_order_{order.state}",
            order_number=order.number,
            items=items_of(order.items, language),
            carrier=order.carrier or "",
            tracking=order.tracking or "",
            date=day_and_month(order.date, language),
        )
        return Outcome("found", solved=True, events=told)
