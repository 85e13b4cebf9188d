"""Periods as calendars have them, also where a day has 23 or 25 hours."""

from datetime import datetime

import pytest

from handoff_server.periods import DAY_MS, Period, between, days, recent, weeks, zone_of
from handoff_server.refusal import Refusal

HOUR = 3_600_000


def at(wall: str, zone: str, fold: int = 0) -> int:
    return round(datetime.fromisoformat(wall).replace(tzinfo=zone_of(zone), fold=fold).timestamp() * 1000)


def test_today_begins_at_midnight_and_is_compared_with_as_much_of_yesterday() -> None:
    now = at("2026-11-26 15:30", "America/Bogota")
    this, before = recent("today", zone_of("America/Bogota"), now)
    assert this == Period(at("2026-11-26 00:00", "America/Bogota"), now)
    assert before == Period(at("2026-11-25 00:00", "America/Bogota"), at("2026-11-25 15:30", "America/Bogota"))


def test_seven_days_are_calendar_days_today_among_them() -> None:
    now = at("2026-11-26 15:30", "Europe/Madrid")
    this, before = recent("7d", zone_of("Europe/Madrid"), now)
    assert this == Period(at("2026-11-20 00:00", "Europe/Madrid"), now)
    assert before == Period(at("2026-11-13 00:00", "Europe/Madrid"), at("2026-11-19 15:30", "Europe/Madrid"))
    assert len(days(this, zone_of("Europe/Madrid")).names) == 7


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_has_the_hours_of_the_wall_clock(day: str, hours: int) -> None:
    madrid = zone_of("Europe/Madrid")
    this, _before = recent("today", madrid, at(f"{day} 23:59:59", "Europe/Madrid"))
    assert this.end - this.start == hours * HOUR - 1000
    steps = days(Period(this.start - 1, this.end), madrid)
    assert steps.of(this.start - 1) < steps.of(this.start) == steps.of(this.end) == day


def test_the_same_time_yesterday_that_the_clocks_skipped_is_the_first_after_it() -> None:
    """Madrid, 29 March 2026: there was no 02:30."""
    now = at("2026-03-30 02:30", "Europe/Madrid")
    _this, before = recent("today", zone_of("Europe/Madrid"), now)
    assert before.end == at("2026-03-29 03:30", "Europe/Madrid")


def test_weeks_begin_on_monday() -> None:
    zone = zone_of("America/Lima")
    period = Period(at("2026-11-25 10:00", "America/Lima"), at("2026-12-02 10:00", "America/Lima"))
    assert weeks(period, zone).names == ("2026-11-23", "2026-11-30")


def test_a_period_of_the_callers_own_is_compared_with_the_same_length_before() -> None:
    assert between(10, 25) == (Period(10, 25), Period(-5, 10))
    assert between(0, 400 * DAY_MS)[0].end == 400 * DAY_MS
    with pytest.raises(Refusal, match="401 days"):
        between(0, 401 * DAY_MS)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../UTC", "America/Bogota\0", "x" * 300])
def test_an_unknown_time_zone_is_refused_with_its_name(name: str) -> None:
    with pytest.raises(Refusal, match="write one such as America/Bogota"):
        zone_of(name)
