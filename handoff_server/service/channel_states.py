"""How the channels do, as the newest messages tell: when something last came and went, and what did not arrive."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t

NEWEST = 20_000  # so many messages are looked at: a large log must not make the page slow
DAY_MS = 24 * 60 * 60 * 1000
_m = t.messages.c
Answer = dict[str, Any]


def states(connection: sa.Connection, at: int) -> dict[str, Answer]:
    """Channel → `last_in`, `last_out` (ms, none: not among the newest), `failed` of the last day, `dead_letters`."""
    newest = connection.scalar(sa.select(sa.func.max(_m.id))) or 0
    is_failed = sa.and_(_m.delivery == "failed", _m.created_at > at - DAY_MS)
    rows = connection.execute(
        sa.select(
            _m.channel,
            _m.direction,
            sa.func.max(_m.created_at).label("last"),
            sa.func.sum(sa.case((is_failed, 1), else_=0)).label("failed"),
        )
        .where(_m.id > newest - NEWEST, _m.private.is_(False))
        .group_by(_m.channel, _m.direction)
    )
    found: dict[str, Answer] = {}
    for row in rows:
        state = found.setdefault(row.channel, nothing())
        state["last_in" if row.direction == "incoming" else "last_out"] = row.last
        state["failed"] += int(row.failed)
    for channel, count in _dead(connection):
        found.setdefault(channel, nothing())["dead_letters"] = count
    return found


def _dead(connection: sa.Connection) -> Any:
    """Of messages that were given up; jobs for the assistant belong to no channel."""
    message_id = t.jobs.c.payload["message_id"].as_integer()
    return connection.execute(
        sa.select(_m.channel, sa.func.count())
        .select_from(t.jobs.join(t.messages, _m.id == message_id))
        .where(t.jobs.c.dead)
        .group_by(_m.channel)
    ).all()


def nothing() -> Answer:
    return {"last_in": None, "last_out": None, "failed": 0, "dead_letters": 0}
