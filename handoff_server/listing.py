"""Conversations by their last words, the newest first, page by page.

A page begins behind the last one of the page before: what is written meanwhile moves no border. Who has written since
stands at the top, and consoles hear of it by themselves.
"""

import re
from collections.abc import Sequence

import sqlalchemy as sa

from handoff_server import change
from handoff_server import tables as t
from handoff_server.filters import Condition
from handoff_server.refusal import Refusal

PAGE = 50
Page = tuple[list[change.Change], str | None]  # as consoles get them, and where the next page begins
_c = t.conversations.c
_CURSOR = re.compile(r"([0-9]{1,15}):([a-z0-9]{1,40})")
_NEWEST = (_c.last_at.desc(), _c.id.desc())


def conversations(connection: sa.Connection, conditions: Sequence[Condition], cursor: str | None, at: int) -> Page:
    """Those that meet all conditions, from the cursor on."""
    query = sa.select(_c.id, _c.last_at).where(*conditions).order_by(*_NEWEST).limit(PAGE + 1)
    if cursor is not None:
        last_at, last_id = _place(cursor)
        query = query.where(_c.last_at <= last_at, sa.or_(_c.last_at < last_at, _c.id < last_id))
    found = connection.execute(query).all()
    last = found[PAGE - 1] if len(found) > PAGE else None
    shown = shown_as_asked(connection, [one.id for one in found[:PAGE]], at)
    return shown, f"{last.last_at}:{last.id}" if last else None


def shown_as_asked(connection: sa.Connection, ids: Sequence[str], at: int) -> list[change.Change]:
    """These conversations, in this order."""
    touched = change.Touched(conversations=set(ids))
    by_id = {one["id"]: one for one in change.render(connection, touched, 0, at)["conversations"]}
    return [by_id[one] for one in ids]


def _place(cursor: str) -> tuple[int, str]:
    told = _CURSOR.fullmatch(cursor)
    if told is None:
        raise Refusal("invalid_request", "cursor is none that a list has given; begin without one")
    return int(told[1]), told[2]
