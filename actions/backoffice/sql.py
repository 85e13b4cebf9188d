"""The shop in an SQL database (SHOP_DATABASE_URL)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from actions.backoffice import catalogue, rows, terms
from actions.backoffice.database import Database
from actions.backoffice.money import Money
from actions.backoffice.shop import (
    Customer,
    Delivery,
    Invoice,
    KeyConflict,
    NotPossible,
    Order,
    PaymentMethod,
    Product,
    Refund,
    RefundState,
    Return,
    ReturnKind,
    Store,
)
from actions.backoffice.tables import invoices, orders, password_resets, payment_links, refunds, returns, writes
from actions.backoffice.wire import as_json, from_json

SITE = "https://nevadaviva.example"
T = TypeVar("T")


class SqlShop:
    """Fulfils `Shop`. Every change looks, decides and writes in one transaction, with its key."""

    def __init__(self, database: Database, today: Callable[[], date] = date.today) -> None:
        self.database, self._today = database, today

    def order(self, number: str, email: str) -> Order | None:
        with self.database.read() as connection:
            found = self._found(connection, number)
        same = found is not None and hmac.compare_digest(found.email.encode(), _address(email).encode())
        return found if same else None

    def customer(self, email: str) -> Customer | None:
        with self.database.read() as connection:
            return rows.customer(connection, _address(email))

    def cancel(self, number: str, key: str) -> Order:
        def change(connection: Any) -> Order:
            order = self._known(connection, number)
            terms.check_still_here(order)
            self._set(connection, order, state="cancelled", date=self._today())
            if order.payment and terms.is_paid(order):
                self._refund(connection, order, order.total, "cancelled", "approved")
            return self._known(connection, number)

        return self._once(key, Order, {"what": "cancel", "number": number}, change)

    def change_address(self, number: str, address: str, city: str, key: str) -> Order:
        asked = {"what": "change_address", "number": number, "address": address, "city": city}

        def change(connection: Any) -> Order:
            order = self._known(connection, number)
            terms.check_still_here(order)
            delivery = catalogue.find_delivery(connection, city)
            if delivery and delivery.country != order.country:
                raise NotPossible("not_delivered_there")
            self._set(connection, order, address=address, city=delivery.city if delivery else city)
            return self._known(connection, number)

        return self._once(key, Order, asked, change)

    def request_refund(self, number: str, reason: str, key: str) -> Refund:
        def change(connection: Any) -> Refund:
            order = self._known(connection, number)
            terms.check_refund(order, rows.refund(connection, number), self._today())
            # What comes back or never went is owed; what the customer keeps is looked at by a person.
            state: RefundState = "requested" if order.state == "delivered" else "approved"
            return self._refund(connection, order, order.total, reason, state)

        return self._once(key, Refund, {"what": "request_refund", "number": number, "reason": reason}, change)

    def refund(self, number: str) -> Refund | None:
        with self.database.read() as connection:
            return rows.refund(connection, number)

    def request_return(
        self, number: str, sku: str, kind: ReturnKind, reason: str, wish: str | None, key: str
    ) -> Return:
        asked = {"what": "request_return", "number": number, "sku": sku, "kind": kind, "reason": reason, "wish": wish}

        def change(connection: Any) -> Return:
            order, today = self._known(connection, number), self._today()
            terms.check_return(order, today)
            item = next((one for one in order.items if one.sku == sku), None)
            if item is None:
                raise NotPossible("no_item")
            if any(one.sku == sku for one in rows.returns_of(connection, number)):
                raise NotPossible("already_done")
            hand_in_by = today + timedelta(days=terms.HAND_IN_DAYS)
            label = f"DV-{secrets.token_hex(3).upper()}"
            carrier = order.carrier or ""
            made = Return(label, order.number, sku, item.name, kind, reason, wish, carrier, today, hand_in_by)
            connection.execute(sa.insert(returns), vars(made))
            return made

        return self._once(key, Return, asked, change)

    def return_of(self, number: str) -> Return | None:
        with self.database.read() as connection:
            return next(iter(rows.returns_of(connection, number)), None)

    def invoice(self, number: str, tax_id: str, name: str, key: str) -> Invoice:
        asked = {"what": "invoice", "number": number, "tax_id": tax_id, "name": name}

        def change(connection: Any) -> Invoice:
            order = self._known(connection, number)
            terms.check_invoice(order)
            if rows.invoice(connection, number):
                raise NotPossible("already_done")
            count = connection.scalar(sa.select(sa.func.count()).select_from(invoices))
            link = f"{SITE}/facturas/{secrets.token_urlsafe(16)}"
            made = Invoice(f"NV-{count + 1:06}", order.number, tax_id, name, order.total, self._today(), link)
            sums = {"total": made.total.amount, "currency": made.total.currency}
            connection.execute(sa.insert(invoices), {**vars(made), **sums})
            return made

        return self._once(key, Invoice, asked, change)

    def invoice_of(self, number: str) -> Invoice | None:
        with self.database.read() as connection:
            return rows.invoice(connection, number)

    def payment_link(self, number: str, key: str) -> str:
        def change(connection: Any) -> str:
            order = self._known(connection, number)
            terms.check_payment(order)
            link = f"{SITE}/pagar/{secrets.token_urlsafe(16)}"
            connection.execute(sa.insert(payment_links), {"link": link, "number": order.number, "made": self._today()})
            return link

        return self._once(key, str, {"what": "payment_link", "number": number}, change)

    def request_password_reset(self, email: str) -> None:
        """The shop's mailer, which is not ours, sends what it finds in the table."""
        with self.database.write() as connection:
            if rows.customer(connection, _address(email)):
                connection.execute(sa.delete(password_resets).where(password_resets.c.email == _address(email)))
                wanted = {"email": _address(email), "requested": self._today()}
                connection.execute(sa.insert(password_resets), wanted)

    def delivery(self, place: str) -> Delivery | None:
        with self.database.read() as connection:
            return catalogue.find_delivery(connection, place)

    def products(self, query: str, language: str) -> list[Product]:
        with self.database.read() as connection:
            return catalogue.find_products(connection, query, language)

    def payment_methods(self, country: str, language: str) -> list[PaymentMethod]:
        with self.database.read() as connection:
            return catalogue.find_payment_methods(connection, country, language)

    def store(self, language: str) -> Store:
        with self.database.read() as connection:
            return catalogue.find_store(connection, language)

    def faq(self, query: str, language: str) -> str | None:
        with self.database.read() as connection:
            return catalogue.find_answer(connection, query, language)

    def _once(self, key: str, answered: type[T], asked: Mapping[str, str | None], change: Callable[[Any], T]) -> T:
        """Does `change`, or gives the answer that it had under this key."""
        number = (asked["number"] or "").upper()
        wish = as_json({**asked, "number": number})
        with self.database.write() as connection:
            before = connection.execute(sa.select(writes).where(writes.c.key == key)).first()
            if before is None:
                answer = change(connection)
                kept = {"key": key, "number": number, "asked": wish, "answer": as_json(answer)}
                connection.execute(sa.insert(writes), kept)
                return answer
        if before.asked != wish:
            raise KeyConflict(f"the key {key!r} was used for something else; take a new one")
        first: T = from_json(answered, before.answer)
        return first

    def _found(self, connection: Any, number: str) -> Order | None:
        order = rows.order(connection, number)
        return order and replace(order, refusals=terms.refusals(order, self._today()))

    def _known(self, connection: Any, number: str) -> Order:
        found = self._found(connection, number)
        if found is None:
            raise NotPossible("no_order")
        return found

    @staticmethod
    def _set(connection: Any, order: Order, **values: Any) -> None:
        connection.execute(sa.update(orders).where(orders.c.number == order.number).values(values))

    def _refund(self, connection: Any, order: Order, amount: Money, reason: str, state: RefundState) -> Refund:
        today, method = self._today(), order.payment.method if order.payment else ""
        expected = terms.working_days_after(today, terms.REFUND_WORKING_DAYS)
        made = Refund(order.number, amount, state, method, today, expected)
        sums = {"amount": amount.amount, "currency": amount.currency, "reason": reason}
        connection.execute(sa.insert(refunds), {**vars(made), **sums})
        return made


def _address(email: str) -> str:
    return email.strip().lower()
