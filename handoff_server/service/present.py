"""How it stands at this moment: who waits, what is over its promise, who is there. Open ones only; no rate is made of
them."""

from collections import Counter
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import OPEN_STATUSES
from handoff_server.people import LOAD, OPEN, presence

PROMISES = ("first_reply", "next_reply", "resolution")
_a, _c, _h = t.agents.c, t.conversations.c, t.handoffs.c
_OPEN = sa.select(_h.status, _h.team, _h.priority, _h.queued_at, _h.requested_at, _h.due).where(
    _h.status.in_(OPEN_STATUSES)
)
_PEOPLE = sa.select(
    *(_a[name] for name in ("id", "name", "role", "presence", "presence_at", "seen_at", "left_at", "capacity")),
    *(_a[name] for name in ("hard_today", "hard_until")),
    OPEN.label("open"),
    LOAD.label("load"),
).where(_a.removed_at.is_(None))
_OWNED = sa.select(_c.owner, sa.func.count()).where(_c.case_id.is_not(None)).group_by(_c.owner)
Answer = dict[str, Any]


def present(connection: sa.Connection, at: int) -> Answer:
    """Waits are counted from the request, not from the last release."""
    handoffs = connection.execute(_OPEN).all()
    waiting = [one for one in handoffs if one.status == "queued"]
    over = Counter(one.due["promise"] for one in handoffs if one.due and one.due["at"] <= at)
    owned = {str(owner): int(count) for owner, count in connection.execute(_OWNED)}
    people = [_person(row, at) for row in connection.execute(_PEOPLE.order_by(_a.name)).mappings()]
    there = Counter(one["presence"] for one in people)
    return {
        "at": at,
        "waiting": {"count": len(waiting), "longest_ms": _longest(waiting, at), "groups": _groups(waiting, at)},
        "over_promise": {name: over[name] for name in PROMISES},
        "open_cases": {owner: owned.get(owner, 0) for owner in ("bot", "queue", "agent")},
        "agents": {
            "online": there["online"],
            "away": there["away"],
            "offline": there["offline"],
            "load": sum(one["load"] for one in people),
            "capacity": sum(one["capacity"] for one in people if one["presence"] == "online"),
            "people": people,
        },
    }


def _groups(waiting: list[Any], at: int) -> list[Answer]:
    """By team and priority, the longest wait first."""
    kinds = {(one.team, one.priority) for one in waiting}
    found = []
    for team, priority in kinds:
        mine = [one for one in waiting if (one.team, one.priority) == (team, priority)]
        found.append({"team": team, "priority": priority, "count": len(mine), "longest_ms": _longest(mine, at)})
    return sorted(found, key=lambda one: (-one["longest_ms"], one["team"], one["priority"]))


def _longest(waiting: list[Any], at: int) -> int:
    return max((at - one.requested_at for one in waiting), default=0)


def _person(row: Any, at: int) -> Answer:
    shown = {name: row[name] for name in ("id", "name", "role", "open", "load", "capacity")}
    hard = {"hard_today": row["hard_today"] if (row["hard_until"] or 0) > at else 0}
    return shown | presence(row, at) | hard
