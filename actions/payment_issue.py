"""A payment that failed or does not show: what happened to it, and a new page to pay on."""

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
from actions.wording import day_and_month

# The reasons that a customer can do something about; for any other the bank is the one to ask.
REASONS = ("insufficient_funds", "expired_card", "limit", "wrong_details", "bank_refused")


class PaymentIssueForm(OrderForm):
    topic = "payment_issue"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        return ("confirmed",) if _can_be_paid(order) else ()


class AskPaymentIssue(AskConfirmed):
    """Tells what happened, and asks whether a new link shall be made."""

    topic = "payment_issue"

    def response(self, order: Order, tracker: Tracker) -> str:
        payment = order.payment
        if payment is None or payment.state == "pending":
            return f"utter_payment_issue_confirm_{'pending' if payment else 'none'}"
        reason = payment.reason if payment.reason in REASONS else "bank_refused"
        return f"utter_payment_issue_confirm_{reason}"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        return _facts(order, tracker)


class ActionPaymentIssue(OrderSkill):
    topic = "payment_issue"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        facts = {"order_number": order.number, **_facts(order, tracker)}
        if not _can_be_paid(order):
            state = "cancelled" if order.state == "cancelled" else "approved"
            if order.payment is not None and order.payment.state == "refunded":
                state = "refunded"
            dispatcher.utter_message(response=f"utter_payment_issue_{state}", **facts)
            return Outcome(f"payment_{state}", solved=True)
        if not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_payment_issue_kept", **facts)
            return Outcome("declined")
        link = await asyncio.to_thread(shop().payment_link, order.number, self.key(tracker))
        dispatcher.utter_message(response="utter_payment_issue_link", link=link, **facts)
        return Outcome("link_sent", solved=True)


def _can_be_paid(order: Order) -> bool:
    return order.state == "awaiting_payment"


def _facts(order: Order, tracker: Tracker) -> dict[str, Any]:
    language, payment = tracker.get_slot("language"), order.payment
    return {
        "amount": written(payment.amount if payment else order.total, language),
        "method": payment.method if payment else "",
        "paid": day_and_month(payment.at if payment else order.placed, language),
        "date": day_and_month(order.date, language),
    }
