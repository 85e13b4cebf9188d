"""Dates and things as people say them, in the customer's language."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_timedelta, get_timezone_location

from actions.backoffice.shop import Item

DAY_AND_MONTH = {"es": "d 'de' MMMM", "en": "MMMM d"}


def day_and_month(day: date, language: str) -> str:
    """With the month in words: 3/4 is another day in Lima than in New York."""
    return str(format_date(day, DAY_AND_MONTH[language], locale=language))


WEEKDAY = {"es": "EEEE d 'de' MMMM", "en": "EEEE, MMMM d"}
SOON = {"es": "en cuanto alguien del equipo esté en línea", "en": "as soon as someone on the team is online"}
SOON_MS = 2 * 60 * 1000


def opening(at: int | None, time_zone: str | None, language: str) -> str:
    """`el lunes 30 de noviembre a partir de las 8:00 (hora de Bogotá)`: the wall clock of the team, named, since the
    customer's may be another. `at` is in milliseconds since 1970; None or now: as soon as somebody comes."""
    if at is None or at < time.time() * 1000 + SOON_MS:
        return SOON[language]
    zone = time_zone or "UTC"
    moment = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    day = format_date(moment.date(), WEEKDAY[language], locale=language)
    place = "UTC" if zone == "UTC" else get_timezone_location(zone, locale=language, return_city=True)
    if language == "es":
        whose = "hora UTC" if zone == "UTC" else f"hora de {place}"
        return f"el {day} a partir de {'la' if moment.hour == 1 else 'las'} {moment.hour}:{moment:%M} ({whose})"
    return f"on {day} from {moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'} ({place} time)"


def ago(at: int, now: int, language: str) -> str:
    """`hace 2 horas`; both in milliseconds since 1970."""
    passed = timedelta(milliseconds=min(at - now, -60_000))
    return str(format_timedelta(passed, granularity="minute", add_direction=True, locale=language))


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
