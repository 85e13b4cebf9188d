"""Amounts with their currency, and how people write them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# Sign and decimals as shops of the country show prices. Where cents are no longer paid, nobody writes them.
SIGNS = {"MXN": "$", "COP": "$", "ARS": "$", "CLP": "$", "PEN": "S/", "USD": "US$"}
WITHOUT_CENTS = frozenset(("COP", "CLP", "ARS"))
# Thousands with a comma, decimals with a point; the others write it the other way round.
COMMA_FOR_THOUSANDS = frozenset(("MXN", "PEN"))


@dataclass(frozen=True)
class Money:
    """`amount` in units of the currency (not cents), `currency` as ISO 4217."""

    amount: Decimal
    currency: str


def written(money: Money, language: str) -> str:
    """`$ 249.900 COP` in Spanish, `COP 249,900` in English. Dollar signs are many, so the currency is always named."""
    if language == "en":
        return f"{money.currency} {_digits(money, ',', '.')}"
    comma_first = money.currency in COMMA_FOR_THOUSANDS
    digits = _digits(money, ",", ".") if comma_first else _digits(money, ".", ",")
    sign = SIGNS.get(money.currency)
    if sign is None:
        return f"{digits} {money.currency}"
    return f"{sign} {digits} {money.currency}" if sign == "$" else f"{sign} {digits}"


def _digits(money: Money, thousands: str, point: str) -> str:
    places = Decimal(1) if money.currency in WITHOUT_CENTS else Decimal("0.01")
    rounded = money.amount.quantize(places, ROUND_HALF_UP)
    return f"{rounded:,}".translate({ord(","): thousands, ord("."): point})
