"""Measures of random lives are those of a slow reference, and what must hold of numbers always holds."""

import math
from collections import Counter
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured.slow import slow
from measured.stories import HOUR, START, stories

from handoff_server.definitions import DEFINITIONS
from handoff_server.lives import Event, replay
from handoff_server.metrics import Known, Observation, observations, percentile, summary

WRITTEN = {1: START, 2: START + HOUR, 3: START + 100 * HOUR}  # of messages 4 and 5 nobody knows
NOW = START + 700 * HOUR
SURVEY_MS = 48 * HOUR
KINDS = {one.name: one.kind for one in DEFINITIONS}


def observed(events: list[Event]) -> list[Observation]:
    life = replay("c", events)
    assert not life.torn
    return list(observations(life, Known({"c": ("web", "es")}, WRITTEN, NOW, SURVEY_MS)))


@given(stories())
def test_the_measures_are_those_of_the_slow_reference(told: list[list[Event]]) -> None:
    for events in told:
        fast = Counter((one.measure, one.at, one.value, one.facts.agent, one.facts.team) for one in observed(events))
        assert fast == Counter(slow(events, WRITTEN, NOW, SURVEY_MS))


@given(stories(), st.integers(-10 * HOUR, 600 * HOUR), st.integers(0, 600 * HOUR))
def test_numbers_are_such_as_can_be(told: list[list[Event]], start: int, border: int) -> None:
    all_of_them = [one for events in told for one in observed(events)]
    assert {one.measure for one in all_of_them} <= KINDS.keys(), "each measure has a definition"
    for name, kind in KINDS.items():
        mine = [one for one in all_of_them if one.measure == name]
        values = [one.value for one in mine]
        whole = summary(kind, values)
        assert whole["n"] == len(mine)
        if kind == "share" and mine:
            assert 0 <= whole["value"] <= 1
        if kind in ("time", "best"):
            assert all(value >= 0 for value in values)
        _no_border_counts_twice(mine, START + start, START + border)
        for group in ("who", "agent", "team", "reason", "rule"):
            parts: dict[Any, list[float]] = {}
            for one in mine:
                parts.setdefault(getattr(one.facts, group), []).append(one.value)
            assert sum(summary(kind, part)["n"] for part in parts.values()) == whole["n"]


def _no_border_counts_twice(mine: list[Observation], start: int, border: int) -> None:
    """Wherever one period ends and the next begins, each observation is in exactly one."""
    early, late = min(start, border), max(start, border)
    parts = [[one for one in mine if low <= one.at < high] for low, high in ((0, early), (early, late), (late, 2**62))]
    assert sum(map(len, parts)) == len(mine)


@given(stories())
def test_containment_adds_up(told: list[list[Event]]) -> None:
    """Every case without a person was confirmed or ended in silence; every wait was served, left, or is not over."""
    of = Counter[str]()
    for one in (one for events in told for one in observed(events)):
        of[one.measure] += int(one.value) if KINDS[one.measure] == "share" else 1
    assert of["contained"] == of["contained_confirmed"] + of["abandoned_in_bot"] <= of["cases_closed"]
    assert of["contained_72h"] <= of["contained"]
    assert of["cases_closed"] <= of["cases_opened"]
    assert of["service_level_20"] <= of["service_level_180"] <= of["first_reply_human"]


@given(stories(most=1), st.data())
def test_what_is_read_from_the_middle_knows_that_it_is_torn(told: list[list[Event]], data: st.DataObject) -> None:
    """A life whose beginning is missing tells nothing wrong: it says so, or whatever it tells of is whole."""
    events = told[0]
    since = data.draw(st.sampled_from([event.at for event in events] or [START]))
    life = replay("c", [event for event in events if event.at >= since])
    told_of = {case.id for case in life.cases} | {episode.id for episode in life.episodes}
    for event in events:
        if event.at < since and not life.torn:
            about = event.case_id if event.name.startswith(("case.", "survey.")) else event.handoff_id
            assert about not in told_of


def test_percentiles_are_values_that_somebody_had() -> None:
    assert [percentile([5, 1, 3, 2, 4, 6, 7, 8, 9, 10], share) for share in (0.1, 0.5, 0.9, 1)] == [1, 5, 9, 10]
    assert percentile([7], 0.9) == 7


def test_the_best_of_the_waits() -> None:
    """19 of 20 are the best 95 %. One never served leaves a mean, two do not."""
    waits = [1000.0 * one for one in range(1, 20)]
    assert summary("best", [*waits, math.inf]) == {"value": fmean(waits), "n": 20}
    assert summary("best", [*waits[:18], math.inf, math.inf]) == {"value": None, "n": 20}
    assert summary("best", []) == {"value": None, "n": 0}


@pytest.mark.parametrize("kind", ["count", "share", "time", "best", "score"])
def test_nothing_is_not_nought(kind: Any) -> None:
    found = summary(kind, [])
    assert found["n"] == 0 and found["value"] == (0 if kind == "count" else None)


def test_the_clock_is_not_reset_by_release_and_transfer() -> None:
    """Asked at 0; taken at 10 s, released at 20 s, taken by another at 60 s, who first speaks at 70 s; resolved at
    100 s, wrapped up at 110 s. In hands: 10 + 40 s, and 10 s of wrap-up."""
    second = 1000
    steps: list[tuple[int, str, str | None, dict[str, Any]]] = [
        (0, "handoff.requested", None, {"reason": "customer_request", "team": "care"}),
        (10, "handoff.assigned", "ana", {}),
        (20, "handoff.released", "ana", {}),
        (60, "handoff.assigned", "beto", {}),
        (70, "handoff.first_reply", "beto", {}),
        (100, "handoff.resolved", "beto", {"verdict": "late"}),
        (110, "handoff.wrapped", "beto", {"asked_again": True}),
    ]
    events = [Event(name, at * second, "c", None, "h", actor, data) for at, name, actor, data in steps]
    found = {one.measure: one.value for one in observed(events)}
    assert (found["speed_of_answer"], found["first_reply_human"], found["resolution"]) == (10_000, 70_000, 100_000)
    assert found["handling"] == 60_000
    assert (found["service_level_20"], found["service_level_180"]) == (0, 1)
    assert (found["missed"], found["early"], found["needless"], found["asked_again"]) == (1, 0, 0, 1)
