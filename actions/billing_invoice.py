"""An invoice with the customer's tax number, for an order that was paid."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.asking import AskAboutOrder, AskConfirmed
from actions.backoffice.door import shop
from actions.backoffice.money import written
from actions.backoffice.shop import Invoice, Order
from actions.buttons import buttons
from actions.form import OrderForm
from actions.skill import OrderSkill, Outcome


class BillingInvoiceForm(OrderForm):
    topic = "billing_invoice"
    call = "invoice"

    async def wants_for(self, order: Order, tracker: Tracker) -> Sequence[str]:
        issued = await asyncio.to_thread(shop().invoice_of, order.number)
        return () if issued else ("tax_id", "invoice_name", "confirmed")


class AskInvoiceName(AskAboutOrder):
    """Most want their own, so it is one tap away."""

    def name(self) -> str:
        return "action_ask_invoice_name"

    async def ask(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
        customer = await asyncio.to_thread(shop().customer, order.email)
        own = buttons("choose", "choice", {customer.name: customer.name} if customer else {})
        dispatcher.utter_message(response="utter_which_invoice_name", buttons=own)
        return []


class AskBillingInvoice(AskConfirmed):
    topic = "billing_invoice"

    def facts(self, order: Order, tracker: Tracker) -> dict[str, Any]:
        total = written(order.total, tracker.get_slot("language"))
        return {"tax_id": tracker.get_slot("tax_id"), "name": tracker.get_slot("invoice_name"), "total": total}


class ActionBillingInvoice(OrderSkill):
    topic = "billing_invoice"
    call = "invoice"

    async def act_on(self, order: Order, dispatcher: CollectingDispatcher, tracker: Tracker) -> Outcome:
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
