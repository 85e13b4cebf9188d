"""When somebody is there. Pure. Times are milliseconds since 1970 UTC; the week is the wall clock's of the team."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

MINUTES_OF_DAY = 24 * 60
AHEAD_DAYS = 60  # nobody closes for longer; and a team that never closes is asked about no longer than this


@dataclass(frozen=True)
class Span:
    """Part of a day, in minutes since midnight; `closes` is at most 1440."""

    opens: int
    closes: int


@dataclass(frozen=True)
class Hours:
    """`week` begins on Monday; `days` are those that are other than their weekday: a holiday has no spans."""

    zone: str
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

    @cached_property
    def never_close(self) -> bool:
        return not self.days and all(spans == (Span(0, MINUTES_OF_DAY),) for spans in self.week)

    def is_open(self, at: int) -> bool:
        return self.never_close or any(opens <= at < closes for opens, closes in self._spans(at, ahead=1))

    def opens_at(self, at: int) -> int | None:
        """`at` itself while it is open, else the next opening; None where none is near."""
        return next((max(opens, at) for opens, _ in self._open_from(at)), None)

    def closes_at(self, at: int) -> int | None:
        """The end of the present opening; None while it is closed, or where no end is near."""
        opens, closes = next(self._open_from(at), (at + 1, at))
        return closes if opens <= at and closes < at + (AHEAD_DAYS - 2) * 86_400_000 else None

    def after(self, at: int, open_ms: int) -> int:
        """When it will have been open for `open_ms` from `at` on. Where it never is, the clock just runs."""
        left = open_ms
        for opens, closes in self._open_from(at):
            begins = max(opens, at)
            if begins + left <= closes:
                return begins + left
            left -= closes - begins
        return at + open_ms

    def day_ends(self, at: int) -> int:
        """The midnight after `at`."""
        return self._instant(datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone)).date(), MINUTES_OF_DAY)

    def _open_from(self, at: int) -> Iterator[tuple[int, int]]:
        """Openings that have not ended at `at`, in order; those that touch are one."""
        if self.never_close:  # said at once, since all promises ask
            yield at, at + AHEAD_DAYS * 86_400_000
            return
        held: tuple[int, int] | None = None
        for opens, closes in self._spans(at):
            if held and opens <= held[1]:
                held = (held[0], max(held[1], closes))
                continue
            if held and held[1] > at:
                yield held
            held = (opens, closes)
        if held and held[1] > at:
            yield held

    def _spans(self, at: int, ahead: int = AHEAD_DAYS) -> Iterator[tuple[int, int]]:
        today = datetime.fromtimestamp(at / 1000, ZoneInfo(self.zone)).date()
        for later in range(-1, ahead):
            day = today + timedelta(days=later)
            for span in self.days.get(day, self.week[day.weekday()]):
                yield self._instant(day, span.opens), self._instant(day, span.closes)

    def _instant(self, day: date, minutes: int) -> int:
        """The wall clock's minute as an instant. One that a change of the clocks skips is the first after it."""
        days, minutes = divmod(minutes, MINUTES_OF_DAY)
        wall = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), ZoneInfo(self.zone))
        return int(wall.astimezone(UTC).timestamp() * 1000)


ALWAYS = Hours("UTC", ((Span(0, MINUTES_OF_DAY),),) * 7)
