"""An order number or an e-mail that is nearly one: which part is missing."""

import pytest

from actions.near_miss import near_miss


@pytest.mark.parametrize(
    ("slot", "text", "name"),
    [
        ("order_number", "4821", "letters"),
        ("order_number", "es el #4821", "letters"),
        ("order_number", "R4821", "letters"),
        ("order_number", "ABC-4821", "letters"),
        ("order_number", "RX-482", "digits"),
        ("order_number", "mi pedido es RX 48211", "digits"),
        ("order_number", "no lo tengo", None),
        ("order_number", "¿abren a las 1400?", None),
        ("order_number", "lo compré en la tienda de Lima el 12 de marzo de 2024", None),
        ("email", "elena@gmail", "ending"),
        ("email", "mi correo es elena@gmail,com", "ending"),
        ("email", "elena.example.com", "at"),
        ("email", "elena gmail.com", "at"),
        ("email", "elena arroba gmail punto com", "at"),
        ("email", "elena(at)gmail", "at"),
        ("email", "elena at gmail", "at"),
        ("email", "let me look at it", None),
        ("email", "gracias. espera", None),
        ("email", "¿para qué gmail.com?", None),
        ("city", "4821", None),
    ],
)
def test_what_is_missing_is_named(slot: str, text: str, name: str | None) -> None:
    assert near_miss(slot, text) == name
