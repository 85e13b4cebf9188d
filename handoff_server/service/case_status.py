"""How a case stands, for the customer who quotes its key: the state, since when, and who has it."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.teams import Policy

_case, _handoff, _conversation = t.cases.c, t.handoffs.c, t.conversations.c
_NAME = sa.select(t.agents.c.name)


def with_key(connection: sa.Connection, policy: Policy, key: str) -> dict[str, Any]:
    """The `case_response`. Refusal `unknown_case` for a key that was never given."""
    case = connection.execute(sa.select(t.cases).where(_case.tracking_key == key.strip().upper())).first()
    if case is None:
        raise Refusal("unknown_case", "no case has this key; check its eight letters and digits")
    return _told(connection, policy, case)


def of_conversation(connection: sa.Connection, policy: Policy, conversation_id: str) -> dict[str, Any]:
    """The same for the newest case of a conversation."""
    newest = sa.select(t.cases).where(_case.conversation_id == conversation_id).order_by(_case.opened_at.desc())
    case = connection.execute(newest.limit(1)).first()
    if case is None:
        raise Refusal("unknown_case", f"conversation {conversation_id} has had no case yet")
    return _told(connection, policy, case)


def _told(connection: sa.Connection, policy: Policy, case: Any) -> dict[str, Any]:
    answer = {"version": 1, "key": case.tracking_key, "topic": case.topic, "outcome": case.outcome}
    answer |= {"due_at": None, "time_zone": None}
    handoff = connection.execute(sa.select(t.handoffs).where(_handoff.id == case.handoff_id)).first()
    name = _name(connection, handoff.assignee_id) if handoff else None
    if case.closed_at is not None:
        return answer | {"state": "closed", "since": case.closed_at, "agent_name": name}
    if handoff and handoff.status == "assigned":
        return answer | {"state": "with_person", "since": handoff.assigned_at, "agent_name": name}
    if handoff and handoff.status == "queued":
        return answer | {"state": "waiting", "since": handoff.requested_at, "agent_name": None}
    if promised := _promised(connection, case.id):
        told = {"state": "callback", "since": promised.created_at, "agent_name": None}
        return answer | told | {"due_at": promised.due_at, "time_zone": policy.team(promised.team).hours.zone}
    return answer | {"state": "with_bot", "since": case.opened_at, "agent_name": name}


def _name(connection: sa.Connection, agent_id: str | None) -> str | None:
    return connection.scalar(_NAME.where(t.agents.c.id == agent_id)) if agent_id else None


def _promised(connection: sa.Connection, case_id: str) -> Any:
    b = t.callbacks.c
    return connection.execute(sa.select(t.callbacks).where(b.case_id == case_id, b.due_at.is_not(None))).first()
