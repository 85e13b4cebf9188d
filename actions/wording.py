"""Dates and things as people say them, in the customer's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from babel import Locale
from babel.dates import format_date

from actions.backoffice.shop import Item

DAY_AND_MONTH = {"es": "d 'de' MMMM", "en": "MMMM d"}


def day_and_month(day: date, language: str) -> str:
    """With the month in words: 3/4 is another day in Lima than in New York."""
    return str(format_date(day, DAY_AND_MONTH[language], locale=language))


def country_name(code: str, language: str) -> str:
    """`Perú` for PE; the code itself where it is no country's."""
    return str(Locale(language).territories.get(code, code))


def listed(words: Sequence[str], language: str) -> str:
    """`a, b y c`."""
    last = " y " if language == "es" else " and "
    return last.join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def items_of(items: Sequence[Item], language: str) -> str:
    """`Mochila Sendero 28 L y Botella térmica Lago 750 ml (2)`."""
    return listed([item.name if item.quantity == 1 else f"{item.name} ({item.quantity})" for item in items], language)


def working_days(days: int, language: str) -> str:
    if language == "es":
        return "1 día hábil" if days == 1 else f"{days} días hábiles"
    return "1 working day" if days == 1 else f"{days} working days"
