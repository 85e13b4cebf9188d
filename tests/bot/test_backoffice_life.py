"""Random lives of the shop's orders: whatever is asked in whatever order, the same things stay true."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from actions.backoffice.database import Database
from actions.backoffice.seed import seed
from actions.backoffice.shop import KeyConflict, NotPossible
from actions.backoffice.sql import SqlShop
from actions.backoffice.tables import metadata
from actions.backoffice.terms import RETURN_DAYS

START = date(2026, 3, 2)
# One in each state, with each kind of payment.
NUMBERS = ("RX-4822", "RX-4821", "EC-4410", "PE-5121", "MX-7302", "TL-3355", "CO-8804", "PE-5123", "AR-2043", "XX-0000")
numbers = st.sampled_from(NUMBERS)
keys = st.sampled_from([f"t-{number}" for number in range(6)])
skus = st.sampled_from(["PAN-TR", "CAM-TE", "EST-GA", "MOC-28"])
texts = st.sampled_from(["no me quedó", "llegó roto"])
NEVER_AFTER = {
    "cancelled": {"preparing", "awaiting_payment", "shipped", "delivered"},
    "delivered": {"preparing", "awaiting_payment", "shipped", "cancelled"},
    "shipped": {"preparing", "awaiting_payment", "cancelled"},
}


class Orders(RuleBasedStateMachine):
    """`answers` is what each key has been told; `before` the orders as they were after the last step."""

    seeded: Path

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.today = START
        file = shutil.copy(self.seeded, self.folder / "shop.db")
        self.shop = SqlShop(Database(f"sqlite:///{file}"), today=lambda: self.today)
        self.answers: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self.before = self.everything()

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.shop.database.engine.dispose()
            shutil.rmtree(self.folder)

    @rule(days=st.integers(1, RETURN_DAYS))
    def time_passes(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(number=numbers, key=keys)
    def cancel(self, number: str, key: str) -> None:
        order = self.change(key, self.shop.cancel, number)
        assert order is None or order.state == "cancelled"

    @rule(number=numbers, key=keys, city=st.sampled_from(["Cali", "Lima", "Quito", "Pueblo Nuevo"]))
    def change_address(self, number: str, key: str, city: str) -> None:
        order = self.change(key, self.shop.change_address, number, "Calle 1", city)
        assert order is None or order.city == city

    @rule(number=numbers, key=keys, reason=texts)
    def request_refund(self, number: str, key: str, reason: str) -> None:
        refund = self.change(key, self.shop.request_refund, number, reason)
        assert refund is None or refund.expected > refund.requested

    @rule(number=numbers, key=keys, sku=skus, kind=st.sampled_from(["return", "exchange"]), reason=texts)
    def request_return(self, number: str, key: str, sku: str, kind: Any, reason: str) -> None:
        self.change(key, self.shop.request_return, number, sku, kind, reason, None)

    @rule(number=numbers, key=keys)
    def invoice(self, number: str, key: str) -> None:
        self.change(key, self.shop.invoice, number, "123", "Ana")

    @rule(number=numbers, key=keys)
    def payment_link(self, number: str, key: str) -> None:
        self.change(key, self.shop.payment_link, number)

    def change(self, key: str, do: Callable[..., Any], *said: Any) -> Any:
        """The answer of a change that was made; None when it was refused, and then nothing is different."""
        asked = (do.__name__, *said)
        try:
            answer = do(*said, key)
        except NotPossible:
            assert key not in self.answers and self.everything() == self.before
            return None
        except KeyConflict:
            assert self.answers[key][0] != asked and self.everything() == self.before
            return None
        if key in self.answers:
            assert self.answers[key] == (asked, answer) and self.everything() == self.before
        self.answers[key] = (asked, answer)
        return answer

    def everything(self) -> dict[str, list[Any]]:
        with self.shop.database.read() as connection:
            return {
                name: connection.execute(sa.select(table).order_by(*table.primary_key)).all()
                for name, table in metadata.tables.items()
                if "number" in table.c
            }

    @invariant()
    def what_is_true_stays_true(self) -> None:
        now = self.everything()
        self.what_is_past_stays_past(now)
        self.before = now
        self.money_goes_back_once_and_only_what_came()
        self.each_item_returns_once_and_each_change_has_its_key()

    def what_is_past_stays_past(self, now: dict[str, list[Any]]) -> None:
        for old, new in zip(self.before["orders"], now["orders"], strict=True):
            assert new.state not in NEVER_AFTER.get(old.state, set()) and new.total == old.total

    def money_goes_back_once_and_only_what_came(self) -> None:
        paid = {row.number: row for row in self.before["payments"]}
        for refund in self.before["refunds"]:
            payment = paid[refund.number]
            assert refund.amount == payment.amount and payment.state in ("approved", "refunded")
        for order in self.before["orders"]:
            if order.state == "cancelled" and paid[order.number].state == "approved":
                assert order.number in {row.number for row in self.before["refunds"]}

    def each_item_returns_once_and_each_change_has_its_key(self) -> None:
        returned = [(row.number, row.sku) for row in self.before["returns"]]
        assert len(returned) == len(set(returned))
        assert {row.key for row in self.before["writes"]} == set(self.answers)


def test_random_lives_of_orders_keep_the_terms(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/seeded.db")
    seed(database, START)
    database.engine.dispose()
    Orders.seeded = tmp_path / "seeded.db"
    machine = Orders.TestCase
    machine.settings = settings(
        max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    machine("runTest").runTest()
