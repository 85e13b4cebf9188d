"""Money back: where it is, or what has to happen before it can go back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import AskConfirmed
from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.backoffice.shop import NotPossible, Order, Refund, Return
from actions.form import OrderForm
from actions.skill import OrderSkill, Outcome
from actions.wording import day_and_month, items_of

# What is done for a paid order without a refund, by its state. An order in the customer's hands comes back first.
STEPS = {
    "awaiting_payment": "cancel",
    "preparing": "cancel",
    "shipped": "wait",
    "delivered": "return",
    "cancelled": "refund",
    "returned": "refund",
}


@dataclass(frozen=True)
class Situation:
    """`step` is the next thing to do, or to tell: one of STEPS' values, not_paid, known, or parcel."""

    step: str
    refund: Refund | None = None
    parcel: Return | None = None


async def situation(order: Order) -> Situation:
    refund = await asyncio.to_thread(shop().refund, order.number)
    if refund is not None:
        return Situation("known", refund=refund)
    if order.payment is None or order.payment.state != "approved":
        return Situation("not_paid")
    parcel = await asyncio.to_thread(shop().return_of, order.number)
    if parcel is not None and parcel.kind == "return" and order.state == "delivered":
        return Situation("parcel", parcel=parcel)
    return Situation(STEPS[order.state])


class RefundForm(OrderForm):
    topic = "refund"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        return ("confirmed",) if (await situation(order)).step in ("cancel", "refund") else ()


class AskRefund(AskConfirmed):
    topic = "refund"

    def response(self, order: Order, tracker: Tracker) -> str:
        return f"utter_refund_confirm_{STEPS[order.state]}"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        language = tracker.get_slot("language")
        method = order.payment.method if order.payment else ""
        return {
            "items": items_of(order.items, language),
            "amount": written(order.total, language),
            "method": method,
        }


class ActionRefund(OrderSkill):
    topic = "refund"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        now = await situation(order)
        if now.refund is not None:
            return _tell(dispatcher, tracker, now.refund, f"utter_refund_{now.refund.state}", "told")
        if now.parcel is not None:
            day = day_and_month(now.parcel.hand_in_by, tracker.get_slot("language"))
            dispatcher.utter_message(response="utter_refund_parcel", label=now.parcel.label, date=day)
            return Outcome("told", solved=True)
        if now.step == "return" and "request_return" in order.refusals:
            raise NotPossible(order.refusals["request_return"])
        if now.step == "return":
            dispatcher.utter_message(response="utter_refund_needs_return")
            return Outcome(None, events=[SlotSet("return_kind", "return"), FollowupAction("return_exchange_form")])
        if now.step in ("not_paid", "wait"):
            raise NotPossible("not_paid" if now.step == "not_paid" else "not_delivered")
        if not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_refund_kept", order_number=order.number)
            return Outcome("declined")
        if now.step == "cancel":
            await asyncio.to_thread(shop().cancel, order.number, self.key(tracker))
            made = await asyncio.to_thread(shop().refund, order.number)
        else:
            made = await asyncio.to_thread(shop().request_refund, order.number, order.state, self.key(tracker))
        if made is None:
            raise NotPossible("not_paid")
        return _tell(dispatcher, tracker, made, f"utter_refund_done_{now.step}", "refunded")


def _tell(dispatcher: CollectingDispatcher, tracker: Tracker, refund: Refund, response: str, outcome: str) -> Outcome:
    language = tracker.get_slot("language")
    dispatcher.utter_message(
        response=response,
        order_number=refund.number,
        amount=written(refund.amount, language),
        method=refund.method,
        date=day_and_month(refund.expected, language),
    )
    return Outcome(outcome, solved=refund.state != "refused")
