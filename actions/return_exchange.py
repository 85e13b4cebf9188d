"""Sends an item of a delivered order back, for the money or for another one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.door import shop
from actions.backoffice.shop import Item, NotPossible, Order
from actions.backoffice.words import stems
from actions.form import OrderForm
from actions.skill import AskConfirmed, OrderSkill, Outcome
from actions.verification import proven_order
from actions.wording import day_and_month

# Why nothing can come back, by the order's state; the shop itself has the last word.
OBSTACLES = {
    "awaiting_payment": "not_delivered",
    "preparing": "not_delivered",
    "shipped": "not_delivered",
    "cancelled": "already_cancelled",
    "returned": "already_done",
}
MAX_TITLE = 20  # characters of a button
MAX_BUTTONS = 3


class ReturnExchangeForm(OrderForm):
    topic = "return_exchange"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        if order.state in OBSTACLES:
            return ()
        item: tuple[str, ...] = ()
        if item_meant(order, tracker.get_slot("return_item")) is None:
            tracker.slots["return_item"] = None  # words that fit none of them, or several
            item = ("return_item",)
        wish = ("return_wish",) if tracker.get_slot("return_kind") == "exchange" else ()
        return (*item, "return_kind", "return_reason", *wish, "confirmed")


class AskReturnItem(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Which of the things in the parcel: as buttons while there are few."""

    def name(self) -> str:
        return "action_ask_return_item"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        order = await proven_order(tracker)
        items = order.items if order else ()
        buttons = [
            {"title": item.name[:MAX_TITLE].strip(), "payload": f'/choose{{"choice": "{item.sku}"}}'} for item in items
        ]
        names = "\n".join(f"• {item.name}" for item in items)
        few = buttons if len(buttons) <= MAX_BUTTONS else []
        dispatcher.utter_message(response="utter_which_item", items=names, buttons=few)
        return []


class AskReturnExchange(AskConfirmed):
    topic = "return_exchange"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        item = item_meant(order, tracker.get_slot("return_item"))
        return {"item": item.name if item else "", "wish": tracker.get_slot("return_wish") or ""}

    def response(self, order: Order, tracker: Tracker) -> str:
        return f"utter_return_exchange_confirm_{tracker.get_slot('return_kind')}"


class ActionReturnExchange(OrderSkill):
    topic = "return_exchange"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if order.state in OBSTACLES:
            raise NotPossible(OBSTACLES[order.state])
        item = item_meant(order, tracker.get_slot("return_item"))
        if item is None or not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_return_exchange_kept")
            return Outcome("declined")
        kind, reason, wish = (tracker.get_slot(f"return_{slot}") for slot in ("kind", "reason", "wish"))
        wish = wish if kind == "exchange" else None
        made = await asyncio.to_thread(
            shop().request_return, order.number, item.sku, kind, reason, wish, self.key(tracker)
        )
        dispatcher.utter_message(
            response=f"utter_return_exchange_done_{kind}",
            item=made.item,
            label=made.label,
            carrier=made.carrier,
            wish=wish or "",
            date=day_and_month(made.hand_in_by, tracker.get_slot("language")),
        )
        return Outcome(f"{kind}_started", solved=True)


def item_meant(order: Order, said: str | None) -> Item | None:
    """By its number from a button, or by words of its name. The only one needs not be named."""
    if len(order.items) == 1:
        return order.items[0]
    for item in order.items:
        if said == item.sku:
            return item
    words = set(stems(said or ""))
    fitting = [item for item in order.items if words & set(stems(item.name))]
    return fitting[0] if len(fitting) == 1 else None
