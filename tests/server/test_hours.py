"""When a team is there: weeks, holidays, clocks that change; and a slow reference that walks minute by minute."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff_server.hours import ALWAYS, Hours, Span

HOUR, MINUTE = 3_600_000, 60_000
OFFICE = (Span(8 * 60, 19 * 60),)
WEEK = (*(OFFICE,) * 5, (Span(9 * 60, 14 * 60),), ())
BOGOTA = Hours("America/Bogota", WEEK, {date(2026, 12, 8): (), date(2026, 12, 24): (Span(8 * 60, 13 * 60),)})


def at(text: str, zone: str = "America/Bogota") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "is_open", "opens"),
    [
        ("2026-11-26T08:00", True, "2026-11-26T08:00"),
        ("2026-11-26T18:59", True, "2026-11-26T18:59"),
        ("2026-11-26T19:00", False, "2026-11-27T08:00"),
        ("2026-11-28T14:00", False, "2026-11-30T08:00"),  # Saturday noon: Monday
        ("2026-12-07T20:00", False, "2026-12-09T08:00"),  # before a holiday
        ("2026-12-24T13:00", False, "2026-12-25T08:00"),  # a short day
    ],
)
def test_the_next_opening(when: str, is_open: bool, opens: str) -> None:
    assert BOGOTA.is_open(at(when)) == is_open
    assert BOGOTA.opens_at(at(when)) == at(opens)


def test_a_team_that_never_closes() -> None:
    now = at("2026-11-26T03:00")
    assert (ALWAYS.is_open(now), ALWAYS.opens_at(now), ALWAYS.closes_at(now)) == (True, now, None)
    assert ALWAYS.after(now, 400 * 24 * HOUR) == now + 400 * 24 * HOUR


def test_a_team_that_never_opens() -> None:
    never = Hours("UTC", ((),) * 7)
    now = at("2026-11-26T03:00")
    assert (never.is_open(now), never.opens_at(now), never.closes_at(now)) == (False, None, None)
    assert never.after(now, HOUR) == now + HOUR


def test_time_promised_runs_while_the_team_is_there() -> None:
    assert BOGOTA.after(at("2026-11-27T18:30"), HOUR) == at("2026-11-28T09:30")  # Friday evening: Saturday morning
    assert BOGOTA.after(at("2026-11-28T20:00"), 0) == at("2026-11-30T08:00")


@pytest.mark.parametrize(
    ("night", "open_ms"),
    [
        ("2026-03-29", 23 * HOUR),  # an hour is missing in Madrid
        ("2026-10-25", 25 * HOUR),  # an hour comes twice
    ],
)
def test_days_on_which_the_clocks_change(night: str, open_ms: int) -> None:
    hours = Hours("Europe/Madrid", ((Span(0, 1440),),) * 6 + ((Span(0, 1440),),), {})
    begin, end = at(f"{night}T00:00", "Europe/Madrid"), at(night, "Europe/Madrid") + open_ms
    assert hours.after(begin, open_ms) == end
    shifts = Hours("Europe/Madrid", ((Span(2 * 60 + 30, 6 * 60),),) * 7)
    opens = shifts.opens_at(begin)
    assert opens is not None and shifts.closes_at(opens) == at(f"{night}T06:00", "Europe/Madrid")


spans = st.lists(st.integers(0, 24), min_size=0, max_size=4, unique=True).map(
    lambda hours: tuple(Span(a * 60, b * 60) for a, b in zip(sorted(hours)[::2], sorted(hours)[1::2], strict=False))
)
weeks = st.tuples(*[spans] * 7)
zones = st.sampled_from(["America/Bogota", "America/Santiago", "Europe/Madrid", "Asia/Kolkata", "UTC"])


@given(weeks, zones, st.integers(0, 365 * 24), st.integers(1, 60))
def test_hour_by_hour(week: tuple[tuple[Span, ...], ...], zone: str, start: int, wanted: int) -> None:
    """Zones with whole or half hours and spans of whole hours: half an hour is the smallest step there is."""
    hours = Hours(zone, week)
    begin = at("2026-01-01T00:00", "UTC") + start * HOUR
    steps = [begin + half * 30 * MINUTE for half in range(14 * 48)]

    def there(instant: int) -> bool:
        wall = datetime.fromtimestamp(instant / 1000, ZoneInfo(zone))
        minute = wall.hour * 60 + wall.minute
        return any(span.opens <= minute < span.closes for span in week[wall.weekday()])

    assert [hours.is_open(one) for one in steps] == [there(one) for one in steps]
    opened = [one for one in steps if there(one)]
    if len(opened) > wanted:
        assert hours.opens_at(begin) == opened[0]
        assert hours.after(begin, wanted * 30 * MINUTE) == opened[wanted - 1] + 30 * MINUTE


def test_a_week_is_read_in_the_teams_own_time() -> None:
    monday = datetime(2026, 11, 30, 23, 30, tzinfo=ZoneInfo("UTC"))
    tokyo = Hours("Asia/Tokyo", ((), OFFICE, (), (), (), (), ()))
    assert tokyo.is_open(int(monday.timestamp() * 1000))
    assert not tokyo.is_open(int((monday - timedelta(hours=1)).timestamp() * 1000))
