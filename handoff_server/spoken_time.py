"""A moment in words, for customers: when a team is back. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

from handoff_server.texts import texts


def spoken(language: str, at: int, now: int, zone: str) -> str:
    """Day and time of the team's wall clock, and whose clock that is: "mañana a las 8:00 (hora de Bogotá)"."""
    there = ZoneInfo(zone)
    moment, today = datetime.fromtimestamp(at / 1000, there), datetime.fromtimestamp(now / 1000, there)
    words = texts(language)["when"]
    days = (moment.date() - today.date()).days
    day = words["near"][days] if 0 <= days < len(words["near"]) else None
    if day is None and 0 <= days < 7:
        day = words["weekday"].format(day=words["weekdays"][moment.weekday()])
    elif day is None:
        day = words["date"].format(day=moment.day, month=words["months"][moment.month - 1])
    return str(words["moment"]).format(day=day, time=_clock(moment, words), city=_city(zone, words))


def _clock(moment: datetime, words: dict[str, str]) -> str:
    hour = moment.hour % 12 or 12
    values = {
        "h24": moment.hour,
        "h12": hour,
        "minute": f"{moment.minute:02}",
        "half": "am" if moment.hour < 12 else "pm",
    }
    return words["at_one" if moment.hour == 1 else "at"].format(**values)


def _city(zone: str, words: dict[str, dict[str, str]]) -> str:
    """As people write it; zones are named without accents."""
    name = zone.rpartition("/")[2].replace("_", " ")
    return words["cities"].get(name, name)
