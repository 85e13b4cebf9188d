"""An invoice with the customer's tax number, for an order that was paid."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.backoffice.shop import Invoice, NotPossible, Order
from actions.form import OrderForm
from actions.skill import AskConfirmed, OrderSkill, Outcome
from actions.verification import proven_order

MAX_TITLE = 20  # characters of a button


class BillingInvoiceForm(OrderForm):
    topic = "billing_invoice"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        issued = await asyncio.to_thread(shop().invoice_of, order.number)
        if issued or _obstacle(order):
            return ()
        return ("tax_id", "invoice_name", "confirmed")


class AskInvoiceName(Action):  # type: ignore[misc]  # rasa-sdk has no types
    """Most want their own, so it is one tap away."""

    def name(self) -> str:
        return "action_ask_invoice_name"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:
        order = await proven_order(tracker)
        customer = await asyncio.to_thread(shop().customer, order.email) if order else None
        names = [customer.name] if customer else []
        buttons = [{"title": one[:MAX_TITLE], "payload": "/choose" + json.dumps({"choice": one})} for one in names]
        dispatcher.utter_message(response="utter_which_invoice_name", buttons=buttons)
        return []


class AskBillingInvoice(AskConfirmed):
    topic = "billing_invoice"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        total = written(order.total, tracker.get_slot("language"))
        return {"tax_id": tracker.get_slot("tax_id"), "name": tracker.get_slot("invoice_name"), "total": total}


class ActionBillingInvoice(OrderSkill):
    topic = "billing_invoice"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
        if code := _obstacle(order):
            raise NotPossible(code)
        issued = await asyncio.to_thread(shop().invoice_of, order.number)
        if issued is not None:
            _tell(dispatcher, issued, "utter_billing_invoice_there")
            return Outcome("told", solved=True)
        if not tracker.get_slot("confirmed"):
            dispatcher.utter_message(response="utter_billing_invoice_kept")
            return Outcome("declined")
        tax_id, name = tracker.get_slot("tax_id"), tracker.get_slot("invoice_name")
        issued = await asyncio.to_thread(shop().invoice, order.number, tax_id, name, self.key(tracker))
        _tell(dispatcher, issued, "utter_billing_invoice_done")
        return Outcome("issued", solved=True)


def _tell(dispatcher: CollectingDispatcher, invoice: Invoice, response: str) -> None:
    dispatcher.utter_message(
        response=response, id=invoice.id, name=invoice.name, tax_id=invoice.tax_id, link=invoice.link
    )


def _obstacle(order: Order) -> str | None:
    """Why there can be no invoice; the shop itself has the last word."""
    if order.state == "cancelled":
        return "already_cancelled"
    return None if order.payment and order.payment.state == "approved" else "not_paid"
