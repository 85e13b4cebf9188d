"""Conversations as the log keeps them, for those who improve the assistant: `conversation` of the contract, one a line.

Customers' words are in them (cards are masked before they are stored). Their names and contacts, the notes and names of
agents are not; of the collected data only what rules look at leaves, since the other slots are personal.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.contract import VERSION
from handoff_server.service.wording import for_assistant

PAGE = 200
KEPT_SLOTS = ("order_value_usd", "vip")


def conversations(connection: sa.Connection, since: int) -> Iterator[dict[str, Any]]:
    """Those in which something was said since then (ms since 1970), whole; in the order of their ids."""
    c, last = t.conversations.c, ""
    while True:
        some = sa.select(c.id, c.channel, c.language).where(c.last_at >= since, c.id > last).order_by(c.id).limit(PAGE)
        page = connection.execute(some).mappings().all()
        if not page:
            return
        last = page[-1]["id"]
        yield from _whole(connection, page)


def _whole(connection: sa.Connection, page: Sequence[Any]) -> Iterator[dict[str, Any]]:
    ids = [one["id"] for one in page]
    m, turn, handoff, case = t.messages.c, t.turns.c, t.handoffs.c, t.cases.c
    told = (m[name] for name in (*_MESSAGE, "attachments", "label", "conversation_id", "created_at"))
    said = sa.select(*told).where(~m.private)
    messages = _by_conversation(connection, said.order_by(m.id), m.conversation_id, ids)
    turns = _by_conversation(connection, sa.select(t.turns).order_by(turn.posted_at), turn.conversation_id, ids)
    handoffs = _by_conversation(
        connection, sa.select(t.handoffs).order_by(handoff.requested_at), handoff.conversation_id, ids
    )
    cases = _by_conversation(connection, sa.select(t.cases).order_by(case.opened_at), case.conversation_id, ids)
    for one in page:
        yield {
            "version": VERSION,
            **one,
            "messages": [_message(row) for row in messages[one["id"]]],
            "turns": [_turn(row) for row in turns[one["id"]]],
            "handoffs": [_part(row, _HANDOFF) for row in handoffs[one["id"]]],
            "cases": [_part(row, _CASE) for row in cases[one["id"]]],
        }


def _by_conversation(
    connection: sa.Connection, select: sa.Select[Any], column: sa.ColumnElement[Any], ids: list[str]
) -> dict[str, list[Any]]:
    found = defaultdict(list)
    for row in connection.execute(select.where(column.in_(ids))).mappings():
        found[row["conversation_id"]].append(row)
    return found


_MESSAGE = ("id", "author", "text", "payload", "case_id", "stretch", "turn_id", "response", "delivery", "understanding")
_HANDOFF = (
    *("id", "case_id", "turn_id", "status", "reason", "evidence", "rules_version"),
    *("requested_at", "assigned_at", "ended_at", "disposition", "verdict", "asked_again"),
)
_CASE = ("id", "opened_at", "closed_at", "outcome")


def _part(row: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _message(row: Any) -> dict[str, Any]:
    """Of files, what the assistant gets of them: that there is one."""
    text = for_assistant(row["text"], row["attachments"])
    meant = {"corrected_intent": row["label"]["intent"]} if row["label"] else {}
    return _part(row, _MESSAGE) | {"text": text, "at": row["created_at"]} | meant


def _turn(row: Any) -> dict[str, Any]:
    report = row["report"]
    if report is not None:
        slots = {name: report["slots"][name] for name in KEPT_SLOTS if name in report["slots"]}
        report = report | {"slots": slots}
    return {"id": row["id"], "at": row["posted_at"], "stretch": row["stretch"], "state": row["state"], "report": report}
