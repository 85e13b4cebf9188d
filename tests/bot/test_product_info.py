from __future__ import annotations

from decimal import Decimal

import pytest

from actions.backoffice.money import Money
from actions.backoffice.shop import Product
from actions.product_info import about

PRICES = {"CO": Money(Decimal("100"), "COP"), "PE": Money(Decimal("9.90"), "PEN")}


@pytest.mark.parametrize(
    ("stock", "sizes", "line"),
    [
        (0, {}, "Agotado por ahora"),
        (3, {}, "Quedan 3"),
        (30, {}, "Hay existencias"),
        (3, {"S": 3, "M": 0, "L": 0}, "Tallas: S (M y L por ahora no)"),
        (0, {"S": 0}, "Agotado por ahora"),
    ],
)
def test_what_is_left_is_told_plainly(stock: int, sizes: dict[str, int], line: str) -> None:
    product = Product("A", "Gorra", "De lana", PRICES, stock, sizes, (), 0)
    assert about(product, "es", "PE").splitlines() == ["Gorra. De lana.", "Precio: S/ 9.90", line]
    assert "Precio: Colombia $ 100 COP, Perú S/ 9.90" in about(product, "es", None)
