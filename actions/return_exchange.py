"""Sends an item of a delivered order back, for the money or for another one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import AskAboutOrder, AskConfirmed
from actions.backoffice.door import shop
from actions.backoffice.shop import Item, Order, Return
from actions.backoffice.words import stems
from actions.buttons import buttons
from actions.form import OrderForm
from actions.skill import OrderSkill, Outcome
from actions.wording import day_and_month


class ReturnExchangeForm(OrderForm):
    topic = "return_exchange"
    call = "request_return"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        item = item_meant(order, tracker.get_slot("return_item"))
        if item is None:
            tracker.slots["return_item"] = None  # words that fit none of them, or several
            return ("return_item",)
        if await return_of(order, item):
            return ()
        wish = ("return_wish",) if tracker.get_slot("return_kind") == "exchange" else ()
        return ("return_kind", "return_reason", *wish, "confirmed")


class AskReturnItem(AskAboutOrder):
    """Which of the things in the parcel: as buttons while there are few."""

    def name(self) -> str:
        return "action_ask_return_item"

    async def ask(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        names = "\n".join(f"• {item.name}" for item in order.items)
        choices = buttons("choose", "choice", {item.sku: item.name for item in order.items})
        dispatcher.utter_message(response="utter_which_item", items=names, buttons=choices)
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
    call = "request_return"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        item = item_meant(order, tracker.get_slot("return_item"))
        if item and (before := await return_of(order, item)):
            _tell(dispatcher, tracker, before, "utter_return_exchange_there")
            return Outcome("told", solved=True)
        if item is None or not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_return_exchange_kept")
            return Outcome("declined")
        kind, reason, wish = (tracker.get_slot(f"return_{slot}") for slot in ("kind", "reason", "wish"))
        wish = wish if kind == "exchange" else None
        made = await asyncio.to_thread(
            shop().request_return, order.number, item.sku, kind, reason, wish, self.key(tracker)
        )
        _tell(dispatcher, tracker, made, f"utter_return_exchange_done_{kind}")
        return Outcome(f"{kind}_started", solved=True)


def _tell(dispatcher: CollectingDispatcher, tracker: Tracker, made: Return, response: str) -> None:
    dispatcher.utter_message(
        response=response,
        item=made.item,
        label=made.label,
        carrier=made.carrier,
        wish=made.wish or "",
        date=day_and_month(made.hand_in_by, tracker.get_slot("language")),
    )


async def return_of(order: Order, item: Item) -> Return | None:
    """What was started for that item before."""
    newest = await asyncio.to_thread(shop().return_of, order.number)
    return newest if newest and newest.sku == item.sku else None


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
