"""Buttons that are made while talking stay within what WhatsApp shows."""

import json

import pytest

from actions.buttons import buttons, fitting


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Botas Senderos GTX", "Botas Senderos GTX"),
        ("Botella térmica Lago 750 ml", "Botella térmica Lago"),
        ("Chaqueta impermeable Tormenta", "Chaqueta impermeable"),
        ("Saco de dormir Invierno", "Saco de dormir"),
        ("Impermeabilizantespray", "Impermeabilizantespr"),
    ],
)
def test_a_title_ends_with_a_whole_word(title: str, shown: str) -> None:
    assert fitting(title) == shown


def test_more_than_three_are_none_and_any_value_makes_a_good_payload() -> None:
    assert buttons("choose", "choice", dict.fromkeys("abcd", "x")) == []
    (one,) = buttons("choose", "choice", {'Ana "Nita" Paz': "Ana"})
    assert json.loads(one["payload"].removeprefix("/choose")) == {"choice": 'Ana "Nita" Paz'}
