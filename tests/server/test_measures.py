"""What is read from the database is what the events tell, for any period and group."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import on_each_database
from hypothesis import given
from hypothesis import strategies as st
from measured.rows import empty, put
from measured.slow import slow
from measured.stories import AGENTS, HOUR, START, stories

from handoff_server import periods
from handoff_server import tables as t
from handoff_server.definitions import DEFINITIONS
from handoff_server.lives import Event
from handoff_server.metrics import RETURN_MS, summary
from handoff_server.periods import Period
from handoff_server.service.measures import Asked, measure
from handoff_server.store import open_engine
from handoff_server.teams import PLAIN

WRITTEN = {1: START, 2: START + HOUR, 3: START + 100 * HOUR}
NOW = START + 700 * HOUR
POLICY = replace(PLAIN, case_reopen_ms=2**40)  # what comes back, however late, is known


@on_each_database
def test_the_database_tells_what_the_slow_reference_tells(database: str) -> None:
    engine = open_engine(database)

    @given(stories(), st.integers(-100, 500), st.integers(1, 400))
    def check(told: list[list[Event]], start: int, hours: int) -> None:
        this, before = periods.between(START + start * HOUR, START + (start + hours) * HOUR)
        with engine.begin() as connection:
            empty(connection)
            put(connection, told, WRITTEN)
            answer = measure(connection, Asked(this, before, "UTC", "agent"), POLICY, NOW)
        found = [one for events in told for one in slow(events, WRITTEN, NOW, POLICY.survey.open_ms)]
        assert _plain(answer["measures"]) == _plain(_measured(found, this, before))
        for group in answer["groups"]:
            theirs = [one for one in found if one[3] == group["key"]]
            assert _plain(group["measures"]) == _plain(_measured(theirs, this, before))
        for name in ("handoffs", "cases_opened", "cases_closed"):
            parts = sum(group["measures"][name]["value"] for group in answer["groups"])
            assert parts == answer["measures"][name]["value"]

    check()
    engine.dispose()


def _measured(found: list[Any], this: Period, before: Period) -> dict[str, Any]:
    measured: dict[str, Any] = {}
    for one in DEFINITIONS:
        values, earlier = (
            [value for name, at, value, _agent, _team in found if name == one.name and period.has(at)]
            for period in (this, before)
        )
        then = summary(one.kind, earlier)
        measured[one.name] = summary(one.kind, values) | {"previous": then["value"], "previous_n": then["n"]}
    return measured


def _plain(measures: dict[str, Any]) -> dict[str, Any]:
    """Only the numbers; means of the same values in another order may differ in the last digit."""
    return {
        name: {key: pytest.approx(value) for key, value in one.items() if key not in ("unit", "target")}
        for name, one in measures.items()
    }


@pytest.fixture
def log(database: str) -> Any:
    engine = open_engine(database)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def life(name: str, *steps: tuple[int, str, dict[str, Any]]) -> list[Event]:
    """Steps of one case with one handoff, `at` in seconds."""
    return [
        Event(what, START + at * 1000, name, f"k{name}", f"h{name}", data.pop("by", None), data)
        for at, what, data in steps
    ]


def test_each_group_has_its_own_and_filters_leave_the_others_out(log: sa.Connection) -> None:
    helped = life(
        "one",
        (0, "case.opened", {}),
        (1, "case.answered", {}),
        (5, "handoff.requested", {"reason": "customer_request", "team": "care", "evidence": {"rule": "asks"}}),
        (15, "handoff.assigned", {"by": "ana"}),
        (20, "handoff.first_reply", {"by": "ana"}),
        (65, "handoff.resolved", {"by": "ana"}),
        (65, "case.closed", {"outcome": "resolved"}),
    )
    alone = life("two", (0, "case.opened", {}), (3, "case.answered", {}), (9, "case.closed", {"outcome": "confirmed"}))
    left = life(
        "three",
        (0, "case.opened", {}),
        (2, "handoff.requested", {"reason": "bot_failure", "team": "sales", "evidence": {"rule": "bot_failure"}}),
        (90, "handoff.cancelled", {}),
        (95, "case.closed", {"outcome": "left"}),
    )
    put(log, [helped, alone, left], {})
    asked = Asked(*periods.between(START, START + HOUR), "UTC")
    now = START + RETURN_MS + HOUR

    def measured(**changes: Any) -> dict[str, Any]:
        return measure(log, replace(asked, **changes), PLAIN, now)

    def values(measures: dict[str, Any], *names: str) -> list[Any]:
        return [measures[name]["value"] for name in names]

    whole = measured()["measures"]
    assert values(whole, "cases_closed", "handoffs", "contained", "abandonment") == [3, 2, 1 / 3, 1 / 2]
    assert values(whole, "first_reply_human", "resolution", "handling") == [15_000, 60_000, 50_000]
    bot = whole["first_reply_bot"]
    assert (bot["value"], bot["n"], bot["median"], bot["p90"], bot["unit"]) == (2000, 2, 2000, 3000, "ms")
    by_channel = {
        group["key"]: group["measures"]["cases_closed"]["value"] for group in measured(by="channel")["groups"]
    }
    assert by_channel == {"web": 2, "whatsapp": 1}
    by_who = {group["key"]: group["measures"]["cases_closed"]["value"] for group in measured(by="who")["groups"]}
    assert by_who == {"bot": 1, "human": 2}
    by_reason = {group["key"]: group["measures"]["handoffs"]["value"] for group in measured(by="reason")["groups"]}
    assert by_reason == {"customer_request": 1, "bot_failure": 1, None: 0}
    by_team = measured(by="team")["groups"]
    assert [(one["key"], one["name"] and one["name"]["es"]) for one in by_team] == [
        ("care", "Atención al cliente"), ("sales", None), (None, None),
    ]  # fmt: skip
    only = measured(only={"team": "sales"})["measures"]
    assert values(only, "handoffs", "abandonment", "cases_closed", "contained") == [1, 1, 1, 0]
    assert values(measured(only={"channel": "whatsapp"})["measures"], "cases_closed", "contained") == [1, 1]


def test_every_day_is_shown_and_a_day_is_what_the_wall_says(log: sa.Connection) -> None:
    """Santiago put its clocks forward at midnight of 6 September 2026: that day had 23 hours and began at 01:00."""
    zone = periods.zone_of("America/Santiago")
    before_midnight, after = 1_788_667_199_000, 1_788_667_200_000  # 23:59:59 on the 5th, and a second later
    told = [
        [Event("case.opened", at, f"c{number}", f"k{number}", None)]
        for number, at in enumerate((before_midnight, after, after + 23 * HOUR - 1, after + 23 * HOUR))
    ]
    put(log, told, {})
    period = Period(before_midnight - 12 * HOUR, after + 40 * HOUR)
    answer = measure(log, Asked(period, Period(0, 1), "America/Santiago", "day"), PLAIN, NOW)
    found = {group["key"]: group["measures"]["cases_opened"]["value"] for group in answer["groups"]}
    assert found == {"2026-09-05": 1, "2026-09-06": 2, "2026-09-07": 1}
    assert periods.weeks(period, zone).names == ("2026-08-31", "2026-09-07")


def test_what_is_no_event_of_a_life_is_not_read(log: sa.Connection) -> None:
    put(log, [life("one", (0, "case.opened", {}))], {})
    rows = [
        {"seq": 50, "name": "message.received", "conversation_id": "one", "epoch": None},
        {"seq": 51, "name": "agent.updated", "conversation_id": None, "epoch": 0},
        {"seq": 52, "name": "conversation.seen", "conversation_id": "one", "epoch": 1},
    ]
    more = {"after_message_id": 0, "actor_kind": "system", "data": {}, "at": START}
    log.execute(t.events.insert(), [row | more for row in rows])
    answer = measure(log, Asked(*periods.between(START, START + HOUR), "UTC"), PLAIN, NOW)
    assert answer["measures"]["cases_opened"]["value"] == 1


def test_who_was_erased_stays_counted(log: sa.Connection) -> None:
    put(log, [life("one", (0, "case.opened", {})), life("two", (0, "case.opened", {}))], {})
    log.execute(t.conversations.delete().where(t.conversations.c.id == "one"))
    answer = measure(log, Asked(*periods.between(START, START + HOUR), "UTC", "channel"), PLAIN, NOW)
    found = {group["key"]: group["measures"]["cases_opened"]["value"] for group in answer["groups"]}
    assert found == {"whatsapp": 1, None: 1}


def test_agents_are_named(log: sa.Connection) -> None:
    steps = ((0, "case.opened", {}), (1, "conversation.taken_over", {"by": AGENTS[0], "reason": "agent_takeover"}))
    put(log, [life("one", *steps)], {})
    agent = {"id": AGENTS[0], "email": "ana@x.example", "name": "Ana Ruiz", "role": "agent", "presence": "online"}
    log.execute(t.agents.insert().values(**agent, created_at=0))
    answer = measure(log, Asked(*periods.between(START, START + HOUR), "UTC", "agent"), PLAIN, NOW)
    assert [(group["key"], group["name"]) for group in answer["groups"]] == [("ana", "Ana Ruiz")]
    assert defaultdict(int, answer["groups"][0]["measures"])["handoffs"]["value"] == 1
