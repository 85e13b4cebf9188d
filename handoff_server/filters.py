"""Which conversations a list is to hold (docs/protocol.md §3): every filter is a column of an index."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.arguments import string, truth
from handoff_server.refusal import Refusal
from handoff_server.service.wording import storable

Condition = sa.ColumnElement[bool]
_c = t.conversations.c
_COLUMNS = {name: _c[name] for name in ("owner", "channel", "language", "team", "reason", "assignee_id")}
_STATUS = {
    "open": _c.case_id.is_not(None),
    "closed": _c.case_id.is_(None),
    "snoozed": _c.snoozed_until.is_not(None),
}
_tag = t.conversation_tags.c


def conditions(told: Any) -> list[Condition]:
    """Of conversations that somebody has written in. Refusal for a filter that there is not."""
    if told is None:
        told = {}
    if not isinstance(told, dict):
        raise Refusal("invalid_request", "filters must be an object of names and values")
    if unknown := sorted(told.keys() - _COLUMNS.keys() - {"tag", "status", "unread"}):
        raise Refusal("invalid_request", f"there is no filter {str(unknown[0])[:40]!r}")
    wished = {name: value for name, value in told.items() if value is not None}
    return [_c.last_at.is_not(None), *(_condition(wished, name) for name in wished)]


def _condition(wished: dict[str, Any], name: str) -> Condition:
    if name == "unread":
        return _c.unread > 0 if truth(wished, name) else _c.unread == 0
    value = storable(string(wished, name))
    if name == "status":
        if value not in _STATUS:
            raise Refusal("invalid_request", f"status must be one of {', '.join(_STATUS)}")
        return _STATUS[value]
    if name == "tag":
        return _c.id.in_(sa.select(_tag.conversation_id).where(_tag.tag == value))
    return _COLUMNS[name] == value
