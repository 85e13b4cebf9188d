"""The shop's orders and its own address, from an SQL database (SHOP_DATABASE_URL)."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_URL = "sqlite:///var/shop.db"

metadata = sa.MetaData()
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("item", sa.String(200), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),  # preparing, shipped, delivered, cancelled
    sa.Column("carrier", sa.String(80)),
    sa.Column("date", sa.Date, nullable=False),  # expected, or when it happened
)
stores = sa.Table(
    "stores",
    metadata,
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("hours", sa.String(200), nullable=False),
    sa.Column("address", sa.String(200), nullable=False),
    sa.Column("phone", sa.String(40), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
)


@dataclass(frozen=True)
class Order:
    number: str
    email: str
    item: str
    state: str
    carrier: str | None
    date: date


@dataclass(frozen=True)
class Store:
    hours: str
    address: str
    phone: str
    email: str


class Shop:
    """Blocking; actions call it in a thread."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(_from_root(url))

    @classmethod
    def from_environment(cls) -> Shop:
        return cls(os.environ.get("SHOP_DATABASE_URL", DEFAULT_URL))

    def order(self, number: str, email: str) -> Order | None:
        """The order, if that e-mail bought it. A wrong pair tells nothing about either."""
        with self.engine.connect() as connection:
            row = connection.execute(sa.select(orders).where(orders.c.number == number.upper())).first()
        if row is None or not hmac.compare_digest(row.email.lower().encode(), email.strip().lower().encode()):
            return None
        return Order(**row._mapping)

    def store(self, language: str) -> Store:
        columns = (stores.c.hours, stores.c.address, stores.c.phone, stores.c.email)
        with self.engine.connect() as connection:
            return Store(*connection.execute(sa.select(*columns).where(stores.c.language == language)).one())


def _from_root(url: str) -> str:
    """SQLite paths are meant from the repository's root, wherever the process was started."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str(ROOT / url[len(prefix) :])
    return url
