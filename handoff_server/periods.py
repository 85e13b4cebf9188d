"""Which time is measured: a period, the one before it, and its days and weeks by the wall clock of a time zone. Pure.

Times are milliseconds since 1970 UTC. A period has its first instant and not its last.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handoff_server.refusal import Refusal

DAYS = {"today": 1, "7d": 7, "30d": 30}
DAY_MS = 86_400_000
MOST_DAYS = 400
LATEST_MS = 4_102_444_800_000  # the year 2100: whoever asks for later means seconds, or nothing


@dataclass(frozen=True, slots=True)
class Period:
    start: int
    end: int

    def has(self, at: int) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Steps:
    """The days, or weeks from Monday on, that a period touches."""

    starts: tuple[int, ...]
    names: tuple[str, ...]  # the first day of each, as YYYY-MM-DD

    def of(self, at: int) -> str:
        return self.names[bisect_right(self.starts, at) - 1]


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise Refusal(
            "invalid_request", f"time_zone {name[:40]!r} is not known; write one such as America/Bogota"
        ) from None


def recent(name: str, zone: ZoneInfo, now: int) -> tuple[Period, Period]:
    """The last days up to now, today included, and as many before, up to the same time of day."""
    if name not in DAYS:
        raise Refusal("invalid_request", f"period {name[:20]!r} is not one of {', '.join(DAYS)}")
    here = datetime.fromtimestamp(now / 1000, zone)
    first = here.date() - timedelta(days=DAYS[name] - 1)
    earlier = timedelta(days=DAYS[name])
    before = Period(_midnight(first - earlier, zone), _instant(here.replace(tzinfo=None) - earlier, zone))
    return Period(_midnight(first, zone), now), before


def between(start: int, end: int) -> tuple[Period, Period]:
    """From one instant to another, and as long before."""
    if not 0 <= start < end:
        raise Refusal("invalid_request", f"from {start} is not before to {end}; both are milliseconds since 1970")
    if end > LATEST_MS:
        raise Refusal("invalid_request", f"to {end} is beyond the year 2100; write milliseconds since 1970")
    if end - start > MOST_DAYS * DAY_MS:
        days = (end - start) // DAY_MS
        raise Refusal("invalid_request", f"from {start} to {end} are {days} days; ask for at most {MOST_DAYS}")
    return Period(start, end), Period(start - (end - start), start)


def days(period: Period, zone: ZoneInfo) -> Steps:
    return _steps(period, zone, 1)


def weeks(period: Period, zone: ZoneInfo) -> Steps:
    return _steps(period, zone, 7)


def _steps(period: Period, zone: ZoneInfo, length: int) -> Steps:
    first = datetime.fromtimestamp(period.start / 1000, zone).date()
    if length == 7:
        first -= timedelta(days=first.weekday())
    found: list[date] = []
    while not found or _midnight(first, zone) < period.end:
        found.append(first)
        first += timedelta(days=length)
    return Steps(tuple(_midnight(day, zone) for day in found), tuple(day.isoformat() for day in found))


def _midnight(day: date, zone: ZoneInfo) -> int:
    return _instant(datetime.combine(day, time()), zone)


def _instant(wall: datetime, zone: ZoneInfo) -> int:
    """The wall clock's time as an instant. One that a change of the clocks skips is the first after it."""
    return round(wall.replace(tzinfo=zone).astimezone(UTC).timestamp() * 1000)
