"""What else there was with a customer: cases and conversations, on whatever channel, the newest first."""

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.refusal import Refusal

MOST = 20


def previous(connection: sa.Connection, conversation_id: str) -> dict[str, Any]:
    """`cases` of all the customer's conversations but the one that is open in this, and `conversations` besides it."""
    c = t.conversations.c
    this = connection.execute(sa.select(c.customer_id, c.case_id).where(c.id == conversation_id)).first()
    if this is None:
        raise Refusal("unknown_conversation", f"there is no conversation {conversation_id[:40]}")
    theirs = sa.select(c.id, c.channel, c.last_at).where(c.customer_id == this.customer_id, c.last_at.is_not(None))
    found = connection.execute(theirs.order_by(c.last_at.desc()).limit(MOST + 1)).mappings().all()
    others = [dict(one) for one in found if one["id"] != conversation_id][:MOST]
    return {"cases": _cases(connection, this.customer_id, this.case_id), "conversations": others}


def _cases(connection: sa.Connection, customer_id: str, open_case_id: str | None) -> list[dict[str, Any]]:
    k, c, s = t.cases.c, t.conversations.c, t.surveys.c
    told = (k.id, k.tracking_key.label("key"), k.topic, k.opened_at, k.closed_at, k.outcome, k.conversation_id)
    query = sa.select(*told, c.channel, s.csat).join(t.conversations, c.id == k.conversation_id)
    query = query.outerjoin(t.surveys, s.case_id == k.id).where(
        c.customer_id == customer_id, k.id != (open_case_id or "")
    )
    cases = connection.execute(query.order_by(k.opened_at.desc(), k.id).limit(MOST)).mappings().all()
    handoffs = _handoffs(connection, [(one["conversation_id"], one["id"]) for one in cases])
    return [dict(one) | {"handoffs": handoffs[one["id"]]} for one in cases]


def _handoffs(connection: sa.Connection, cases: list[tuple[str, str]]) -> dict[str, list[dict[str, Any]]]:
    h, a = t.handoffs.c, t.agents.c
    query = sa.select(h.case_id, h.reason, h.disposition, a.name.label("agent_name"), h.ended_at)
    query = query.outerjoin(t.agents, a.id == h.assignee_id).order_by(h.requested_at)
    of_them = (h.conversation_id.in_({one for one, _ in cases}), h.case_id.in_([one for _, one in cases]))
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query.where(*of_them)).mappings():
        found[row["case_id"]].append({name: value for name, value in row.items() if name != "case_id"})
    return found
