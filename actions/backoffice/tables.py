"""The tables of the shop's SQL database, as the newest migration leaves them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator


class Sum(TypeDecorator):  # type: ignore[misc]  # SQLAlchemy 1.4 has no types
    """Money as text: SQLite has no exact numbers."""

    impl = sa.String(24)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


metadata = sa.MetaData()


def _number(**more: Any) -> sa.Column:
    return sa.Column("number", sa.String(20), **more)


customers = sa.Table(
    "customers",
    metadata,
    sa.Column("email", sa.String(254), primary_key=True),  # in small letters
    sa.Column("id", sa.String(20), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("country", sa.String(2), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("vip", sa.Boolean, nullable=False),
)
orders = sa.Table(
    "orders",
    metadata,
    _number(primary_key=True),
    sa.Column("email", sa.String(254), nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("carrier", sa.String(80)),
    sa.Column("tracking", sa.String(40)),
    sa.Column("placed", sa.Date, nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("city", sa.String(80), nullable=False),
    sa.Column("country", sa.String(2), nullable=False),
    sa.Column("total", Sum, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("total_usd", Sum, nullable=False),
)
items = sa.Table(
    "items",
    metadata,
    _number(primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("sku", sa.String(40), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("price", Sum, nullable=False),
)
payments = sa.Table(
    "payments",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    _number(nullable=False, index=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("method", sa.String(80), nullable=False),
    sa.Column("amount", Sum, nullable=False),
    sa.Column("reason", sa.String(40)),
    sa.Column("at", sa.Date, nullable=False),
)
refunds = sa.Table(
    "refunds",
    metadata,
    _number(primary_key=True),
    sa.Column("amount", Sum, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("method", sa.String(80), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("requested", sa.Date, nullable=False),
    sa.Column("expected", sa.Date, nullable=False),
)
returns = sa.Table(
    "returns",
    metadata,
    sa.Column("label", sa.String(20), primary_key=True),
    _number(nullable=False, index=True),
    sa.Column("sku", sa.String(40), nullable=False),
    sa.Column("item", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("wish", sa.String(500)),
    sa.Column("carrier", sa.String(80), nullable=False),
    sa.Column("requested", sa.Date, nullable=False),
    sa.Column("hand_in_by", sa.Date, nullable=False),
)
invoices = sa.Table(
    "invoices",
    metadata,
    _number(primary_key=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("tax_id", sa.String(40), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("total", Sum, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("issued", sa.Date, nullable=False),
    sa.Column("link", sa.String(300), nullable=False),
)
payment_links = sa.Table(
    "payment_links",
    metadata,
    sa.Column("link", sa.String(300), primary_key=True),
    _number(nullable=False, index=True),
    sa.Column("made", sa.Date, nullable=False),
)
password_resets = sa.Table(
    "password_resets",
    metadata,
    sa.Column("email", sa.String(254), primary_key=True),
    sa.Column("requested", sa.Date, nullable=False),
)
products = sa.Table(
    "products",
    metadata,
    sa.Column("sku", sa.String(40), primary_key=True),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("detail", sa.String(1000), nullable=False),
    sa.Column("prices", sa.JSON, nullable=False),  # country → [amount as text, currency]
    sa.Column("stock", sa.Integer, nullable=False),
    sa.Column("sizes", sa.JSON, nullable=False),  # size → pieces
    sa.Column("colours", sa.JSON, nullable=False),
    sa.Column("warranty_months", sa.Integer, nullable=False),
)
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("place", sa.String(80), primary_key=True),  # folded: see `words`
    sa.Column("city", sa.String(80), nullable=False),
    sa.Column("country", sa.String(2), nullable=False),
    sa.Column("days_from", sa.Integer, nullable=False),
    sa.Column("days_to", sa.Integer, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("cost", Sum, nullable=False),
    sa.Column("free_from", Sum),
    sa.Column("express_days", sa.Integer),
    sa.Column("express_cost", Sum),
)
payment_methods = sa.Table(
    "payment_methods",
    metadata,
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("country", sa.String(2), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("instalments", sa.Integer, nullable=False),
    sa.Column("note", sa.String(300)),
)
stores = sa.Table(
    "stores",
    metadata,
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
)
branches = sa.Table(
    "branches",
    metadata,
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("city", sa.String(80), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("hours", sa.String(200), nullable=False),
    sa.Column("country", sa.String(2), nullable=False),
)
faq = sa.Table(
    "faq",
    metadata,
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("questions", sa.JSON, nullable=False),  # ways to ask it
    sa.Column("answer", sa.String(1000), nullable=False),
)
# Which of the above a company has brought itself: the demo's never overwrite those.
brought = sa.Table(
    "brought",
    metadata,
    sa.Column("kind", sa.String(40), primary_key=True),
)
# What was done under which key, written in the transaction that did it.
writes = sa.Table(
    "writes",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    _number(nullable=False, index=True),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
)
tries = sa.Table(
    "verification_tries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
