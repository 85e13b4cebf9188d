"""A month whose numbers are known beforehand: what made-up customers decided to do, written through the hub's own
changes, is what the measures say of it. The answers are worked out here from their decisions, by hand as it were."""

import os
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import free_port, migrated

from handoff_server import periods
from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.demo_guests import DAY, MINUTE, Guest, Help, Visit, guests
from handoff_server.demo_month import PEOPLE, Month, month_policy
from handoff_server.metrics import summary
from handoff_server.service.measures import Asked, measure
from handoff_server.settings import ROOT
from handoff_server.store import open_engine
from handoff_server.teams_file import load_teams

START = 1_793_491_200_000  # 1 November 2026, UTC
DAYS = 30
NOW = START + 45 * DAY
COMPANY = load_teams(ROOT / "teams.yml")
pytestmark = pytest.mark.asyncio(loop_scope="module")
Answers = dict[str, list[float]]


@pytest.fixture(scope="module")
def month() -> list[Guest]:
    return list(guests(START, DAYS, each_day=8))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(month: list[Guest], tmp_path_factory: pytest.TempPathFactory) -> str:
    database = migrated(Path(tmp_path_factory.mktemp("month")))
    assert await Month(database, COMPANY).write(month, NOW) == len(month)
    return database


def measured(url: str, by: str | None = None, **only: str) -> Any:
    engine = open_engine(url)
    asked = Asked(*periods.between(START, NOW), "UTC", by, only)
    with engine.connect() as connection:
        answer = measure(connection, asked, month_policy(COMPANY), NOW)
    engine.dispose()
    return answer


# the answers, from what was decided


def answers(guest: Guest) -> Answers:
    known: Answers = defaultdict(list)
    for first, visits in _cases(guest):
        _of_case(known, guest, first, visits)
    for visit in guest.visits:
        if visit.help:
            _of_help(known, guest, visit, visit.help)
    return known


def _cases(guest: Guest) -> Iterator[tuple[Visit, list[Visit]]]:
    """The same matter again is the same case."""
    matters: dict[str, list[Visit]] = {}
    for visit in guest.visits:
        matters.setdefault(visit.matter, []).append(visit)
    for visits in matters.values():
        yield visits[0], visits


def _of_case(known: Answers, guest: Guest, first: Visit, visits: list[Visit]) -> None:
    last, alone = visits[-1], not any(visit.help for visit in visits)
    another = first is guest.visits[0] and len(guest.visits) > len(visits)  # came with another matter within 60 hours
    returned = len(visits) > 1 or another
    # Who comes again with another matter is heard first, and then it is a case.
    opened = first.at if first is guest.visits[0] else first.at + first.answered_ms
    closed = _closed_at(last)
    known["cases_opened"].append(1)
    known["cases_closed"].append(1)
    known["first_reply_bot"].append(first.answered_ms)
    known["case_duration"].append(closed - opened)
    known["contained"].append(alone)
    known["contained_confirmed"].append(alone and last.ends == "confirmed")
    known["abandoned_in_bot"].append(alone and last.ends == "silent")
    known["returned"].append(returned)
    known["contained_72h"].append(alone and not returned)
    for visit in visits:
        if visit.judged:
            known["csat_response"].append(visit.csat is not None)
            known["nps_response"].append(visit.nps is not None)
        if visit.csat is not None:
            known["csat"].append(visit.csat in (4, 5))
        if visit.nps is not None:
            known["nps"].append(100 if visit.nps > 8 else 0 if visit.nps > 6 else -100)


def _closed_at(visit: Visit) -> int:
    answered = visit.at + visit.answered_ms
    if visit.help is None:
        return answered + (DAY if visit.ends == "silent" else visit.ended_ms)
    asked = answered + visit.help.asked_ms
    if visit.ends == "left":
        return asked + visit.help.left_ms
    resolved = asked + _first_reply(visit.help) + _after_reply(visit.help)
    return resolved + (MINUTE if visit.ends == "returned" else 0)


def _first_reply(help: Help) -> int:
    """From the request. A release costs a minute."""
    return (help.taken_ms or 0) + (MINUTE if help.passed == "released" else 0) + help.replied_ms


def _after_reply(help: Help) -> int:
    """A transfer costs a minute, in which nobody has it but for a second."""
    return (MINUTE if help.passed == "transferred" else 0) + help.ended_ms


def _of_help(known: Answers, guest: Guest, visit: Visit, help: Help) -> None:
    known["handoffs"].append(1)
    known["first_sign"].append(1000)
    known["abandonment"].append(visit.ends == "left")
    known["unserved"].append(0)
    if help.taken_ms is None:
        known["service_level_20"].append(0)
        known["service_level_180"].append(0)
        known["best_95"].append(float("inf"))
        if help.left_ms >= 2 * MINUTE:
            known["kept_first_reply"].append(0)
        return
    waited, resolved = _first_reply(help), _first_reply(help) + _after_reply(help)
    known["speed_of_answer"].append(help.taken_ms)
    known["first_reply_human"].append(waited)
    known["service_level_20"].append(waited <= 20_000)
    known["service_level_180"].append(waited <= 180_000)
    known["best_95"].append(waited)
    known["kept_first_reply"].append(waited < 2 * MINUTE)
    known["kept_resolution"].append(resolved < 15 * MINUTE)
    wrapped = help.wrapped_ms if visit.ends == "resolved" else 0
    idle = 1000 if help.passed == "released" else 59_000 if help.passed == "transferred" else 0
    known["handling"].append(resolved - help.taken_ms - idle + wrapped)
    known["transferred"].append(help.passed == "transferred")
    later = guest.visits[1:] if visit is guest.visits[0] else ()
    known["handoff_again"].append(any(one.help for one in later))
    if visit.ends == "resolved":
        known["resolution"].append(resolved)
        if help.verdict:
            known["missed"].append(help.verdict == "late")
            known["early"].append(help.verdict == "early")
            known["needless"].append(help.verdict == "needless")
        if help.asked_again is not None:
            known["asked_again"].append(help.asked_again)


def together(month: list[Guest]) -> Answers:
    known: Answers = defaultdict(list)
    for guest in month:
        for name, values in answers(guest).items():
            known[name] += values
    return known


def plain(measures: Any) -> Any:
    shown = ("value", "n", "median", "p90")
    return {name: {key: pytest.approx(one[key]) for key in shown if key in one} for name, one in measures.items()}


# the tests


async def test_every_measure_of_the_month_is_what_was_decided(month: list[Guest], url: str) -> None:
    found, known = measured(url)["measures"], together(month)
    kinds = {"count": "count", "share": "share", "points": "score"}
    expected = {
        name: summary("best" if name == "best_95" else kinds.get(one["unit"], "time"), known[name])
        for name, one in found.items()
    }
    assert plain(found) == plain(expected)
    assert all(known[name] for name in found if name not in ("callbacks", "kept_next_reply")), "nothing is untested"


async def test_channels_and_languages_have_their_own(month: list[Guest], url: str) -> None:
    for group in measured(url, "channel")["groups"]:
        mine = together([guest for guest in month if guest.channel == group["key"]])
        contained = summary("share", mine["contained_72h"])["value"]
        assert group["measures"]["contained_72h"]["value"] == pytest.approx(contained)
        assert group["measures"]["first_reply_human"]["n"] == len(mine["first_reply_human"])
    english = together([guest for guest in month if guest.language == "en"])
    only = measured(url, language="en")["measures"]
    assert only["csat"]["n"] == len(english["csat"]) and only["cases_closed"]["n"] == len(english["cases_closed"])


async def test_a_first_reply_is_theirs_who_gave_it(month: list[Guest], url: str) -> None:
    known: dict[str, list[float]] = defaultdict(list)
    for help in (visit.help for guest in month for visit in guest.visits):
        if help and help.taken_ms is not None:
            known[PEOPLE[help.second if help.passed == "released" else help.agent]].append(_first_reply(help))
    found = {group["name"]: group["measures"]["first_reply_human"] for group in measured(url, "agent")["groups"]}
    assert {name: (one["n"], one["median"]) for name, one in found.items() if one["n"]} == {
        name: (len(values), summary("time", values)["median"]) for name, values in known.items()
    }


async def test_reasons_teams_and_days_add_up(month: list[Guest], url: str) -> None:
    whole = measured(url)["measures"]
    known: dict[str, int] = defaultdict(int)
    for help in (visit.help for guest in month for visit in guest.visits):
        known[help.reason if help else ""] += 1
    by_reason = {group["key"]: group["measures"]["handoffs"]["value"] for group in measured(url, "reason")["groups"]}
    assert {key: value for key, value in by_reason.items() if key} == {key: one for key, one in known.items() if key}
    for by in ("team", "rule", "who", "day", "week"):
        for name in ("handoffs", "cases_opened", "cases_closed"):
            groups = measured(url, by)["groups"]
            assert sum(group["measures"][name]["value"] for group in groups) == whole[name]["value"]


async def test_halves_of_the_month_are_the_month(url: str) -> None:
    """Each observation is in one of two periods, wherever the border; and the second one compares with the first."""
    engine, middle = open_engine(url), (START + NOW) // 2
    with engine.connect() as connection:
        halves = [
            measure(connection, Asked(*periods.between(*half), "UTC"), month_policy(COMPANY), NOW)["measures"]
            for half in ((START, middle), (middle, NOW))
        ]
    engine.dispose()
    for name, one in measured(url)["measures"].items():
        assert one["n"] == halves[0][name]["n"] + halves[1][name]["n"], name
        assert halves[1][name]["previous"] == pytest.approx(halves[0][name]["value"]), name


async def test_nothing_stays_open_and_the_rows_say_the_same(month: list[Guest], url: str) -> None:
    engine, known = open_engine(url), together(month)
    with engine.connect() as connection:

        def count(what: Any, *conditions: Any) -> Any:
            return connection.scalar(sa.select(sa.func.count()).select_from(what).where(*conditions))

        assert count(t.jobs) == count(t.cases, t.cases.c.closed_at.is_(None)) == 0
        assert count(t.handoffs, t.handoffs.c.ended_at.is_(None)) == count(t.turns, t.turns.c.state != "answered") == 0
        assert count(t.messages, t.messages.c.delivery == "pending") == 0
        assert count(t.cases) == len(known["cases_closed"])
        assert count(t.handoffs) == len(known["handoffs"])
        assert count(t.surveys) == len(known["csat_response"])
        answered = connection.execute(sa.select(t.cases.c.answered_at, t.cases.c.opened_at)).all()
        assert all(row.answered_at >= row.opened_at for row in answered)
        waits = connection.scalars(sa.select(t.handoffs.c.first_reply_at - t.handoffs.c.requested_at)).all()
    engine.dispose()
    assert sorted(one for one in waits if one is not None) == sorted(known["first_reply_human"])


def command(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "handoff_server", "demo-month", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{folder}/relevo.db", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_the_command_fills_a_demo_up_to_now_and_never_where_customers_are(tmp_path: Path) -> None:
    database = migrated(tmp_path)
    refused = command(tmp_path, ENVIRONMENT="production")
    assert refused.returncode == 1 and "does not belong into production" in refused.stderr
    port = str(free_port())
    done = command(tmp_path, "--days", "3", "--each-day", "6", RELEVO_PORT=port)
    assert done.returncode == 0, done.stderr
    assert "customers came and went" in done.stdout
    with open_engine(database).connect() as connection:
        newest = connection.scalar(sa.select(sa.func.max(t.events.c.at)))
    assert newest <= now()
    again = command(tmp_path, RELEVO_PORT=port)
    assert again.returncode == 1 and "already" in again.stderr
    with socket.create_server(("127.0.0.1", int(port))):
        running = command(tmp_path, RELEVO_PORT=port)
    assert running.returncode == 1 and "stop it first" in running.stderr
