from __future__ import annotations

from datetime import date

import pytest

from actions.language import language_of
from actions.reading import email_in, order_number_in
from actions.wording import day_and_month


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
