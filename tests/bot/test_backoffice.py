"""The shop's door: what may be done with an order, and that it is done once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from actions.backoffice.database import Database
from actions.backoffice.seed import seed
from actions.backoffice.shop import KeyConflict, NotPossible, Shop
from actions.backoffice.sql import SqlShop

TODAY = date(2026, 3, 2)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    database = Database(f"sqlite:///{tmp_path}/shop.db")
    seed(database, TODAY)
    yield SqlShop(database, today=lambda: TODAY)
    database.engine.dispose()


def test_an_order_is_found_only_with_the_email_that_bought_it(shop: Shop) -> None:
    found = shop.order("rx-4821", " Elena@Example.com ")
    assert found is not None and (found.state, found.date) == ("shipped", date(2026, 3, 4))
    assert shop.order("RX-4821", "ana@example.com") is None and shop.order("XX-0000", "elena@example.com") is None


def test_a_cancelled_order_gives_back_what_was_paid(shop: Shop) -> None:
    before = shop.order("RX-4822", "tomas@example.com")
    cancelled = shop.cancel("RX-4822", "t-1 cancel")
    refund = shop.refund("RX-4822")
    assert before and refund and (cancelled.state, cancelled.date) == ("cancelled", TODAY)
    assert (refund.amount, refund.state, refund.method) == (before.total, "approved", "PSE")
    assert refund.expected == date(2026, 3, 16), "ten working days"


def test_a_key_that_is_repeated_gives_the_first_answer_and_another_wish_is_a_conflict(shop: Shop) -> None:
    first = shop.cancel("RX-4822", "t-1 cancel")
    assert shop.cancel("rx-4822", "t-1 cancel") == first
    with pytest.raises(KeyConflict):
        shop.cancel("TL-3356", "t-1 cancel")
    with pytest.raises(NotPossible, match="already_cancelled"):
        shop.cancel("RX-4822", "t-2 cancel")
