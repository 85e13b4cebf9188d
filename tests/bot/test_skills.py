from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from actions.backoffice.seed import ORDERS, seed
from actions.backoffice.shop import Shop
from actions.language import language_of
from actions.orders import day_and_month, email_in, order_number_in


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(f"sqlite:///{tmp_path}/shop.db")
    seed(shop, date(2026, 3, 1))
    return shop


def test_an_order_is_found_only_with_the_email_that_bought_it(shop: Shop) -> None:
    found = shop.order("rx-4821", " Elena@Example.com ")
    assert found is not None and (found.state, found.date) == ("shipped", date(2026, 3, 3))
    assert shop.order("RX-4821", "ana@example.com") is None and shop.order("XX-0000", "elena@example.com") is None


def test_seeding_again_moves_the_dates_and_doubles_nothing(shop: Shop) -> None:
    seed(shop, date(2026, 4, 1))
    found = shop.order("RX-4821", "elena@example.com")
    assert found is not None and found.date == date(2026, 4, 3)
    with shop.engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from orders").scalar() == len(ORDERS)


@pytest.mark.parametrize("text", ["ok", "RX-4821", "elena@example.com", "👍", "3"])
@pytest.mark.parametrize("current", ["es", "en"])
def test_what_belongs_to_no_language_never_changes_it(text: str, current: str) -> None:
    assert language_of(text, current) == current


@pytest.mark.parametrize(
    ("text", "current", "spoken"),
    [
        ("¿dónde está mi pedido?", "en", "es"),
        ("where is my order?", "es", "en"),
        ("in English please", "es", "en"),
        ("en español por favor", "en", "es"),
        ("hello", "es", "en"),
    ],
)
def test_clear_words_and_wishes_change_the_language(text: str, current: str, spoken: str) -> None:
    assert language_of(text, current) == spoken


@pytest.mark.parametrize("text", ["RX-4821", "rx4821", "es el RX 4821, creo"])
def test_an_order_number_is_read_however_it_is_typed(text: str) -> None:
    assert order_number_in(text) == "RX-4821"


def test_a_phone_number_is_no_order_number_and_no_email() -> None:
    assert order_number_in("3015550148") is None and email_in("3015550148") is None


def test_a_date_has_its_month_in_words() -> None:
    assert day_and_month(date(2026, 4, 3), "es") == "3 de abril" and day_and_month(date(2026, 4, 3), "en") == "April 3"
