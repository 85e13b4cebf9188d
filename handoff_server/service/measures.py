"""The measures of a period, read from the events of conversations' lives and folded (lives.py, metrics.py)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import batched, groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.definitions import DEFINITIONS
from handoff_server.lives import TOLD, Event, Life, replay
from handoff_server.metrics import RETURN_MS, Facts, Found, Known, observed, summary
from handoff_server.periods import Period, days, weeks, zone_of
from handoff_server.teams import Policy

BATCH = 500
PAGE = 5_000
Answer = dict[str, Any]
Values = dict[str, list[float]]  # measure → what was observed
Tally = dict[tuple[str, Any], Values]  # this or previous, group → values


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured. `by`: a dimension, day or week, or nothing; `only`: dimension → the one value wanted."""

    period: Period
    previous: Period
    zone: str
    by: str | None = None
    only: Mapping[str, str] = field(default_factory=dict)


def measure(connection: sa.Connection, asked: Asked, policy: Policy, now: int) -> Answer:
    """All measures of the period, with those of the period before and of each group."""
    tally = _tally(_observed(connection, asked, policy, now), asked)
    groups = [key for which, key in tally if which == "this" and key is not _ALL]
    return {
        "from": asked.period.start,
        "to": asked.period.end,
        "previous": {"from": asked.previous.start, "to": asked.previous.end},
        "time_zone": asked.zone,
        "by": asked.by,
        "only": dict(asked.only),
        "measures": _measures(tally, _ALL),
        "groups": _groups(connection, asked, policy, tally, groups),
    }


_ALL: Any = object()  # the group that everything is in


def _tally(observed: Iterator[tuple[Facts, Found]], asked: Asked) -> Tally:
    tally: Tally = defaultdict(lambda: defaultdict(list))
    this, before = tally["this", _ALL], tally["previous", _ALL]
    start, end, earliest, latest = asked.period.start, asked.period.end, asked.previous.start, asked.previous.end
    key, steps = _key(asked), asked.by in _STEPS
    for facts, found in observed:
        if any(getattr(facts, name) != value for name, value in asked.only.items()):
            continue
        for measure, at, value in found:
            if start <= at < end:
                this[measure].append(value)
                if key:
                    tally["this", key(facts, at)][measure].append(value)
            elif earliest <= at < latest:
                before[measure].append(value)
                if key and not steps:
                    tally["previous", key(facts, at)][measure].append(value)
    return tally


_STEPS = {"day": days, "week": weeks}


def _key(asked: Asked) -> Callable[[Facts, int], Any] | None:
    if asked.by in _STEPS:
        steps = _STEPS[asked.by](asked.period, zone_of(asked.zone))
        return lambda _facts, at: steps.of(at)
    if asked.by is None:
        return None
    named = attrgetter(asked.by)
    return lambda facts, _at: named(facts)


def _measures(tally: Tally, group: Any) -> Answer:
    this, before = (tally.get((which, group), {}) for which in ("this", "previous"))
    found: Answer = {}
    for one in DEFINITIONS:
        earlier = summary(one.kind, before.get(one.name, ()))
        found[one.name] = {
            **summary(one.kind, this.get(one.name, ())),
            "previous": earlier["value"],
            "previous_n": earlier["n"],
            "unit": one.unit,
            "target": one.target,
        }
    return found


def _groups(connection: sa.Connection, asked: Asked, policy: Policy, tally: Tally, found: list[Any]) -> list[Answer]:
    """Each group that has something; of days and weeks all, so that a quiet one is seen."""
    names: Mapping[Any, Any] = {}
    if asked.by in _STEPS:
        found = list(_STEPS[asked.by](asked.period, zone_of(asked.zone)).names)
    elif asked.by == "agent":
        names = {row.id: row.name for row in connection.execute(sa.select(t.agents.c.id, t.agents.c.name))}
    elif asked.by == "team":
        names = {team.id: dict(team.name) for team in policy.teams.values()}
    ordered = sorted(found, key=lambda key: (key is None, key))
    return [{"key": key, "name": names.get(key), "measures": _measures(tally, key)} for key in ordered]


def _observed(connection: sa.Connection, asked: Asked, policy: Policy, now: int) -> Iterator[tuple[Facts, Found]]:
    """Of all lives with something in these periods. What comes after them tells who came back."""
    tail = max(RETURN_MS, policy.case_reopen_ms)
    window = Period(asked.previous.start, min(asked.period.end + tail, now + 1))
    torn: list[str] = []
    for lives in batched(_lives(connection, _E.at >= window.start, _E.at < window.end), BATCH, strict=False):
        torn += [life.conversation_id for life in lives if life.torn]
        yield from _of_lives(connection, [life for life in lives if not life.torn], policy, now)
    for ids in batched(torn, BATCH, strict=False):
        whole = list(_lives(connection, _E.conversation_id.in_(ids), _E.at < window.end))
        yield from _of_lives(connection, whole, policy, now)


def _of_lives(
    connection: sa.Connection, lives: Sequence[Life], policy: Policy, now: int
) -> Iterator[tuple[Facts, Found]]:
    c, m = t.conversations.c, t.messages.c
    ids = [life.conversation_id for life in lives]
    places = sa.select(c.id, c.channel, c.language).where(c.id.in_(ids))
    held = {row.id: (row.channel, row.language) for row in connection.execute(places).all()}
    signs = [one.evidence_message_id for life in lives for one in life.episodes if one.evidence_message_id]
    when = sa.select(m.id, m.created_at).where(m.id.in_(signs))
    written = {row.id: row.created_at for row in connection.execute(when).all()}
    known = Known(held, written, now, policy.survey.open_ms)
    for life in lives:
        yield from observed(life, known)


_E = t.events.c
_COLUMNS = (_E.name, _E.at, _E.conversation_id, _E.case_id, _E.handoff_id, _E.actor_kind, _E.actor_id)


def _lives(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> Iterator[Life]:
    """The database sorts, so that one conversation's events are in memory at a time."""
    told = sa.select(*_COLUMNS, sa.cast(_E.data, sa.Text)).where(
        _E.epoch.is_not(None), _E.conversation_id.is_not(None), _E.name.in_(TOLD), *conditions
    )
    rows = connection.execute(told.order_by(_E.conversation_id, _E.seq).execution_options(yield_per=PAGE))
    for conversation_id, events in groupby(map(_event, rows), attrgetter("conversation_id")):
        yield replay(conversation_id, events)


def _event(row: Any) -> Event:
    name, at, conversation_id, case_id, handoff_id, actor_kind, actor_id, data = row
    return Event(name, at, conversation_id, case_id, handoff_id, actor_id if actor_kind == "agent" else None, data)
