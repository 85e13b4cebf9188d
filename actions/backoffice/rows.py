"""Reads orders and what belongs to them from an open connection."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from actions.backoffice.money import Money
from actions.backoffice.shop import Customer, Invoice, Item, Order, Payment, Refund, Return
from actions.backoffice.tables import customers, invoices, items, orders, payments, refunds, returns


def order(connection: Any, number: str) -> Order | None:
    with_customer = orders.outerjoin(customers, customers.c.email == orders.c.email)
    wanted = sa.select(orders, customers.c.vip).select_from(with_customer).where(orders.c.number == number.upper())
    row = connection.execute(wanted.with_for_update(of=orders)).first()
    if row is None:
        return None
    known = dict(row._mapping)
    currency = known.pop("currency")
    total = Money(known.pop("total"), currency)
    return Order(
        **{**known, "vip": bool(known["vip"])},
        items=_items(connection, row.number, currency),
        total=total,
        payment=_payment(connection, row.number, currency),
    )


def customer(connection: Any, email: str) -> Customer | None:
    row = connection.execute(sa.select(customers).where(customers.c.email == email)).first()
    return None if row is None else Customer(**row._mapping)


def refund(connection: Any, number: str) -> Refund | None:
    row = connection.execute(sa.select(refunds).where(refunds.c.number == number.upper())).first()
    if row is None:
        return None
    amount = Money(row.amount, row.currency)
    return Refund(row.number, amount, row.state, row.method, row.requested, row.expected)


def returns_of(connection: Any, number: str) -> list[Return]:
    """Newest first."""
    found = sa.select(returns).where(returns.c.number == number.upper())
    rows = connection.execute(found.order_by(returns.c.requested.desc(), returns.c.label))
    return [Return(**row._mapping) for row in rows]


def invoice(connection: Any, number: str) -> Invoice | None:
    row = connection.execute(sa.select(invoices).where(invoices.c.number == number.upper())).first()
    if row is None:
        return None
    known = dict(row._mapping)
    total = Money(known.pop("total"), known.pop("currency"))
    return Invoice(**known, total=total)


def _items(connection: Any, number: str, currency: str) -> tuple[Item, ...]:
    rows = connection.execute(sa.select(items).where(items.c.number == number).order_by(items.c.position))
    return tuple(Item(row.sku, row.name, row.quantity, Money(row.price, currency)) for row in rows)


def _payment(connection: Any, number: str, currency: str) -> Payment | None:
    """The newest: an order may have been paid at the second try."""
    found = sa.select(payments).where(payments.c.number == number).order_by(payments.c.at.desc(), payments.c.id.desc())
    row = connection.execute(found).first()
    if row is None:
        return None
    return Payment(row.id, row.state, row.method, Money(row.amount, currency), row.reason, row.at)
