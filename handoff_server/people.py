"""Who of our people is there, and what each of them holds; read from the agents' rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.routing import Person, belongs
from handoff_server.teams import Policy

ONLINE_MS = 45_000  # a console's heartbeat is this old at most
_a, _c, _h = t.agents.c, t.conversations.c, t.handoffs.c

_HELD = sa.select(sa.func.count()).where(_c.assignee_id == _a.id)
_WRAPPED_UP = sa.select(sa.func.count()).where(
    _h.assignee_id == _a.id, _h.status == "resolved", _h.wrapped_at.is_(None), _h.look_at.is_not(None)
)
OPEN: sa.ScalarSelect[int] = _HELD.scalar_subquery()
# What is put aside does not count; what still has to be wrapped up does.
LOAD = _HELD.where(_c.snoozed_until.is_(None)).scalar_subquery() + _WRAPPED_UP.scalar_subquery()
_ASKED = sa.exists().where(_h.offered_to == _a.id, _h.status == "queued")
# Designers look on: whoever waits is not served by them.
_SERVES = (_a.removed_at.is_(None), _a.role != "designer")
_STAFF = (_a.presence == "online", *_SERVES)
_ONLINE = sa.select(_a.id, _a.teams).where(*_STAFF, _a.seen_at > sa.bindparam("since"))
_PEOPLE = _ONLINE.add_columns(
    _a.skills, _a.languages, _a.capacity, LOAD.label("load"), _ASKED.label("is_asked"), _a.assigned_at, _a.hard_run
)
_BACK_SOON = sa.select(_a.id, _a.teams).where(*_STAFF, _a.gone_at > sa.bindparam("since"))


def is_connected(seen_at: int | None, at: int) -> bool:
    return seen_at is not None and at - seen_at < ONLINE_MS


def presence(row: Mapping[Any, Any], at: int) -> dict[str, Any]:
    """What others see of an agent's row, and since when it is so; None: the agent has never been here."""
    if is_connected(row["seen_at"], at):
        return {"presence": row["presence"], "since": row["presence_at"]}
    return {"presence": "offline", "since": row["seen_at"] or row["left_at"]}


def online(connection: sa.Connection, at: int) -> list[Person]:
    """Those who may be asked to serve somebody."""
    rows = connection.execute(_PEOPLE, {"since": at - ONLINE_MS}).mappings()
    return [Person(**{**row, "assigned_at": row["assigned_at"] or 0}) for row in rows]


def count_online(connection: sa.Connection, at: int, policy: Policy) -> dict[str, int]:
    """Team → how many of its people are online."""
    teams_of = [row.teams for row in connection.execute(_ONLINE, {"since": at - ONLINE_MS})]
    return {team: sum(belongs(teams, team, policy) for teams in teams_of) for team in policy.teams}


def is_anybody_there(connection: sa.Connection, at: int, policy: Policy, team: str, or_soon: bool) -> bool:
    """Whether somebody of the team is online, or (`or_soon`) was a moment ago: a hub that starts finds no console open
    yet."""
    if count_online(connection, at, policy)[team]:
        return True
    if not or_soon:
        return False
    soon = connection.execute(_BACK_SOON, {"since": at - (policy.agent_gone_ms or 0)})
    return any(belongs(row.teams, team, policy) for row in soon)


def empty_teams(connection: sa.Connection, policy: Policy) -> list[str]:
    """Teams to which nobody belongs: nobody is offered what waits there."""
    teams_of = connection.scalars(sa.select(_a.teams).where(*_SERVES)).all()
    return [team for team in policy.teams if not any(belongs(teams, team, policy) for teams in teams_of)]


def members(people: Sequence[Person], team: str, policy: Policy) -> list[Person]:
    return [one for one in people if belongs(one.teams, team, policy)]
