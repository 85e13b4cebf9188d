"""Fills the demo shop: `python -m actions.backoffice.seed [--reset]`.

Run again, it moves the orders' dates to around today. What a customer has changed and what a company has imported
stays; `--reset` brings the demo's own state back.
"""

from __future__ import annotations

import csv
import sys
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.backoffice.database import ROOT, Database
from actions.backoffice.demo_orders import Sale
from actions.backoffice.door import database_url
from actions.backoffice.import_shop import read_folder, replace
from actions.backoffice.tables import brought, customers, metadata, writes

DEMO = Path(__file__).parent / "demo"
OF_AN_ORDER = ("orders", "items", "payments", "refunds", "returns", "invoices", "payment_links", "writes")


def seed(database: Database, today: date, reset: bool = False) -> None:
    shelf, people, sold = read_folder(DEMO), _table("customers"), _table("orders")
    by_email = {one["email"]: one for one in people}
    with database.write() as connection:
        if reset:
            connection.execute(sa.delete(brought))
        own = set(connection.scalars(sa.select(brought.c.kind)))
        for kind, file in shelf.items():
            if kind not in own:
                replace(connection, kind, file.rows)
        _replace_people(connection, people)
        changed = set() if reset else set(connection.scalars(sa.select(writes.c.number)))
        for line in sold:
            if line["number"] not in changed:
                _replace_order(connection, Sale(line, by_email[line["email"]], shelf, today))


def _replace_people(connection: Any, people: list[dict[str, str]]) -> None:
    connection.execute(sa.delete(customers).where(customers.c.email.in_([one["email"] for one in people])))
    connection.execute(sa.insert(customers), [{**one, "vip": one["vip"] == "yes"} for one in people])


def _replace_order(connection: Any, sale: Sale) -> None:
    for name in OF_AN_ORDER:
        table = metadata.tables[name]
        connection.execute(sa.delete(table).where(table.c.number == sale.number))
    for name, rows in sale.rows().items():
        if rows:
            connection.execute(sa.insert(metadata.tables[name]), rows)


def _table(name: str) -> list[dict[str, str]]:
    with (DEMO / "people" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    (ROOT / "var").mkdir(exist_ok=True)
    seed(Database(database_url()), date.today(), reset="--reset" in sys.argv[1:])
