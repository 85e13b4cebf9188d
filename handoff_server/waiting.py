"""Who waits for a person."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.routing import Waiting
from handoff_server.windows import hurries, window

_h = t.handoffs.c
_PLACE = sa.select(t.conversations.c.channel, t.conversations.c.heard_at, t.conversations.c.gone_at)
_WAITING = _PLACE.add_columns(
    _h.id.label("handoff_id"), _h.conversation_id, _h.requested_at, _h.priority, _h.callback, _h.team
).where(_h.status == "queued", t.conversations.c.id == _h.conversation_id)


def waiting(connection: sa.Connection, at: int) -> list[Waiting]:
    """All that is queued, as it stands at that time."""
    return [_queued(dict(row), at) for row in connection.execute(_WAITING).mappings()]


def _queued(row: dict[str, Any], at: int) -> Waiting:
    open_until = window(row.pop("channel"), row.pop("heard_at"), row.pop("gone_at"))
    return Waiting(**row, hurries=hurries(open_until, at))
