"""The shop's database: from the first schema up with what was in it, and seeded again without undoing anything."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.backoffice.database import Database
from actions.backoffice.import_shop import import_folder
from actions.backoffice.migrations import FILES, NewerSchema, version
from actions.backoffice.seed import DEMO, seed
from actions.backoffice.shop import ShopUnavailable
from actions.backoffice.sql import SqlShop
from actions.backoffice.tables import metadata
from actions.backoffice.tries import Tries

FIRST_SHOP = """
    CREATE TABLE orders (number VARCHAR(20) PRIMARY KEY, email VARCHAR(254) NOT NULL, item VARCHAR(200) NOT NULL,
        state VARCHAR(20) NOT NULL, carrier VARCHAR(80), date DATE NOT NULL);
    CREATE TABLE stores (language VARCHAR(8) PRIMARY KEY, hours VARCHAR(200) NOT NULL, address VARCHAR(200) NOT NULL,
        phone VARCHAR(40) NOT NULL, email VARCHAR(254) NOT NULL);
    INSERT INTO orders VALUES ('AB-1234', 'Own@example.com', 'Tienda azul', 'shipped', 'Correo', '2026-03-04');
    INSERT INTO stores VALUES ('es', 'de 9 a 18', 'Calle 1', '+57 1', 'a@example.com');
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{file}")
    yield database
    database.engine.dispose()


def test_a_shop_of_the_first_version_keeps_its_data(file: Path, database: Database) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript(FIRST_SHOP)
    order = SqlShop(database).order("AB-1234", "own@example.com")
    assert order and (order.state, order.carrier, order.date) == ("shipped", "Correo", date(2026, 3, 4))
    assert [item.name for item in order.items] == ["Tienda azul"]
    store = SqlShop(database).store("es")
    assert (store.branches[0].hours, store.branches[0].address, store.phone) == ("de 9 a 18", "Calle 1", "+57 1")
    assert Tries(database).begin("AB-1234", "own@example.com", None)


def test_a_shop_without_a_store_says_how_to_bring_one(database: Database) -> None:
    with pytest.raises(ShopUnavailable, match=r"make import-shop with a store\.csv"):
        SqlShop(database).store("es")


def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    with database.read() as connection:
        made = sa.inspect(connection)
        assert set(made.get_table_names()) == {*metadata.tables, "shop_schema"}
        for name, table in metadata.tables.items():
            columns = {one["name"]: one for one in made.get_columns(name)}
            assert {one: columns[one]["nullable"] for one in columns} == {
                one.name: one.nullable for one in table.columns
            }, name
            assert made.get_pk_constraint(name)["constrained_columns"] == [one.name for one in table.primary_key], name


def test_a_migrated_database_is_left_alone(file: Path, database: Database) -> None:
    seed(database, date(2026, 3, 2))
    again = Database(f"sqlite:///{file}")
    assert SqlShop(again).order("RX-4821", "elena@example.com")
    with again.read() as connection:
        assert connection.scalar(sa.select(version.c.version)) == len(FILES)
    again.engine.dispose()


def test_the_database_of_a_later_version_is_refused(file: Path, database: Database) -> None:
    with database.write() as connection:
        connection.execute(version.update(), {"version": len(FILES) + 1})
    with pytest.raises(NewerSchema, match="update Relevo"):
        SqlShop(Database(f"sqlite:///{file}")).store("es")


def test_two_processes_may_open_an_old_database_at_once(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript(FIRST_SHOP)
    both = [Database(f"sqlite:///{file}") for _ in range(2)]
    assert all(SqlShop(one).order("AB-1234", "own@example.com") for one in both)


def test_a_locked_database_is_unavailable(file: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.backoffice.database.SECONDS", 0.1)
    seed(database, date(2026, 3, 2))
    impatient = Database(f"sqlite:///{file}")
    with sqlite3.connect(file) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ShopUnavailable, match="locked"):
            SqlShop(impatient).order("RX-4821", "elena@example.com")
    other.close()
    impatient.engine.dispose()


def test_seeding_again_moves_the_dates_and_doubles_nothing(database: Database) -> None:
    seed(database, date(2026, 3, 2))
    before = counts(database)
    seed(database, date(2026, 4, 2))
    found = SqlShop(database).order("RX-4821", "elena@example.com")
    assert found and found.date == date(2026, 4, 4) and counts(database) == before
    assert before["orders"] >= 45 and before["customers"] >= 25 and before["products"] >= 2 * 25


def test_seeding_again_keeps_what_a_customer_changed_unless_asked(database: Database) -> None:
    seed(database, date(2026, 3, 2))
    shop = SqlShop(database, today=lambda: date(2026, 3, 2))
    cancelled, refund = shop.cancel("RX-4822", "t-1 cancel"), shop.refund("RX-4822")
    seed(database, date(2026, 3, 9))
    assert shop.order("RX-4822", "tomas@example.com") == cancelled and shop.refund("RX-4822") == refund
    seed(database, date(2026, 3, 9), reset=True)
    first = shop.order("RX-4822", "tomas@example.com")
    assert first and first.state == "preparing" and shop.refund("RX-4822") is None
    assert shop.cancel("RX-4822", "t-1 cancel").state == "cancelled", "the key is free again"


def test_seeding_again_keeps_a_company_s_own_data_unless_asked(database: Database, tmp_path: Path) -> None:
    seed(database, date(2026, 3, 2))
    own = tmp_path / "own"
    own.mkdir()
    contact = "name: Tienda Mía, phone: +51 1, email: x@example.com"
    (own / "store.yml").write_text(f"- {{{contact}, country: PE, city: Lima, address: C 2, hours_es: 8, hours_en: 8}}")
    import_folder(database, own)
    seed(database, date(2026, 3, 3))
    assert SqlShop(database).store("es").name == "Tienda Mía"
    seed(database, date(2026, 3, 3), reset=True)
    assert SqlShop(database).store("es").name == "Nevada Viva"


def test_orders_of_a_company_s_own_are_never_touched(file: Path, database: Database) -> None:
    with sqlite3.connect(file) as connection:
        connection.executescript(FIRST_SHOP)
    seed(database, date(2026, 3, 2), reset=True)
    assert SqlShop(database).order("AB-1234", "own@example.com")


def test_the_demo_has_every_state_and_what_it_shows_hangs_together(database: Database) -> None:
    seed(database, date(2026, 3, 2))
    with database.read() as connection:
        orders = connection.execute(sa.select(metadata.tables["orders"])).all()
        payments = connection.execute(sa.select(metadata.tables["payments"])).all()
    shop = SqlShop(database, today=lambda: date(2026, 3, 2))
    assert {row.state for row in orders} == {
        *("awaiting_payment", "preparing", "shipped", "delivered", "cancelled", "returned")
    }
    assert {row.state for row in payments} == {"approved", "rejected", "pending", "refunded"}
    assert {row.reason for row in payments} >= {"insufficient_funds", "expired_card", "bank_refused", "limit"}
    for row in orders:
        order = shop.order(row.number, row.email)
        assert order and shop.customer(row.email) and order.payment and order.payment.amount == order.total
        paid = order.payment.state in ("approved", "refunded")
        assert paid or order.state in ("awaiting_payment", "cancelled"), order.number
        assert (order.carrier is not None) == (order.state in ("shipped", "delivered", "returned")), order.number
        assert order.placed <= order.date or order.state == "cancelled", order.number


def test_every_demo_table_stands_in_the_folder() -> None:
    assert sorted(one.name for one in DEMO.iterdir() if one.is_file()) == [
        *("deliveries.csv", "faq.yml", "payment_methods.csv", "products.csv", "store.csv")
    ]


def counts(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in metadata.tables.items()
        }
