"""The one shape in which state reaches consoles: snapshot, live frame, catch-up and history (docs/protocol.md §3).

All four are `render` of some ids, so a snapshot and the frames after it cannot tell different stories.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t

Change = dict[str, Any]
ONLINE_MS = 45_000
SNAPSHOT_CONVERSATIONS = 50
SNAPSHOT_MESSAGES = 30
MAX_CATCH_UP = 2_000
_UNSHOWN = ("conversation.seen", "agent.seen")


@dataclass
class Touched:
    """Ids of what a change made or altered."""

    conversations: set[str] = field(default_factory=set)
    messages: set[int] = field(default_factory=set)
    events: list[int] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def add(self, other: "Touched") -> None:
        self.conversations |= other.conversations
        self.messages |= other.messages
        self.events += other.events
        self.agents |= other.agents


def render(connection: sa.Connection, touched: Touched, after: int, server_time: int) -> Change:
    """The frame that brings a console from `after` to what is touched here."""
    return {
        "after": after,
        "seq": max(touched.events, default=after),
        "server_time": server_time,
        "conversations": _conversations(connection, touched.conversations),
        "messages": messages(connection, touched.messages),
        "events": _events(connection, touched.events),
        "agents": _agents(connection, touched.agents, server_time),
    }


def snapshot(connection: sa.Connection, agent_id: str, at: int) -> Change:
    """Everything a console starts from: the newest conversations, the whole queue, the agent's own."""
    c = t.conversations.c
    newest = sa.select(c.id).where(c.last_at.is_not(None)).order_by(c.last_at.desc()).limit(SNAPSHOT_CONVERSATIONS)
    own = sa.select(c.id).where(c.assignee_id == agent_id).limit(500)
    queue = sa.select(c.id).where(c.owner == "queue").limit(500)
    seq = connection.scalar(sa.select(sa.func.max(t.events.c.seq))) or 0
    touched = Touched(agents=set(connection.scalars(sa.select(t.agents.c.id))))
    for query in (newest, own, queue):
        touched.conversations.update(connection.scalars(query))
    for conversation_id in touched.conversations:
        _add_history(connection, touched, conversation_id, None, SNAPSHOT_MESSAGES)
    return render(connection, touched, after=0, server_time=at) | {"seq": seq, "reset": True}


def since(connection: sa.Connection, seq: int, agent_id: str, at: int) -> Change:
    """What has happened after `seq`; the whole snapshot where that would be too much, or `seq` is not ours."""
    rows = connection.execute(
        sa.select(t.events).where(t.events.c.seq > seq).order_by(t.events.c.seq).limit(MAX_CATCH_UP + 1)
    ).all()
    known = seq == 0 or connection.scalar(sa.select(t.events.c.seq).where(t.events.c.seq == seq))
    if len(rows) > MAX_CATCH_UP or not known or seq == 0:
        return snapshot(connection, agent_id, at)
    return render(connection, _touched_by(connection, rows), after=seq, server_time=at)


def touched_since(connection: sa.Connection, seq: int) -> Touched:
    """What all events after `seq` were about."""
    return _touched_by(
        connection, connection.execute(sa.select(t.events).where(t.events.c.seq > seq).order_by(t.events.c.seq)).all()
    )


def _touched_by(connection: sa.Connection, events: Sequence[sa.Row[Any]]) -> Touched:
    return Touched(
        conversations={event.conversation_id for event in events if event.conversation_id},
        messages={event.message_id for event in events if event.message_id},
        events=[event.seq for event in events],
        # Every change of hands changes how many conversations somebody has; agents are few.
        agents=set(connection.scalars(sa.select(t.agents.c.id))),
    )


def history(
    connection: sa.Connection, conversation_id: str, before: int | None, limit: int, at: int
) -> tuple[Change, bool]:
    """Up to `limit` messages before the message `before`, with the events among them, and whether there are more."""
    touched = Touched(conversations={conversation_id})
    _add_history(connection, touched, conversation_id, before, limit + 1)
    more = len(touched.messages) > limit
    if more:
        touched.messages.remove(min(touched.messages))
    change = render(connection, touched, after=0, server_time=at)
    return change, more


def _add_history(
    connection: sa.Connection, touched: Touched, conversation_id: str, before: int | None, limit: int
) -> None:
    m, e = t.messages.c, t.events.c
    query = sa.select(m.id).where(m.conversation_id == conversation_id)
    events = sa.select(e.seq).where(
        e.conversation_id == conversation_id, e.message_id.is_(None), e.name.not_in(_UNSHOWN)
    )
    if before is not None:
        query, events = query.where(m.id < before), events.where(e.after_message_id < before)
    ids = connection.scalars(query.order_by(m.id.desc()).limit(limit)).all()
    touched.messages.update(ids)
    if len(ids) == limit:
        events = events.where(e.after_message_id >= ids[-1])
    touched.events += connection.scalars(events.order_by(e.seq.desc()).limit(200)).all()


def _conversations(connection: sa.Connection, ids: set[str]) -> list[dict[str, Any]]:
    """Conversations that nobody has written in yet are nobody's business."""
    if not ids:
        return []
    return [_conversation(row) for row in connection.execute(_CONVERSATIONS, {"ids": list(ids)}).mappings()]


# Statements are made once: SQLAlchemy spends more time on making one than the database on carrying it out.
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_CONVERSATIONS = (
    sa.select(
        t.conversations,
        t.customers.c.name.label("customer_name"),
        *[column.label(f"h_{column.name}") for column in t.handoffs.c],
    )
    .join(t.customers, t.customers.c.id == t.conversations.c.customer_id)
    .join(t.handoffs, t.handoffs.c.id == t.conversations.c.handoff_id, isouter=True)
    .where(t.conversations.c.id.in_(_IDS), t.conversations.c.last_at.is_not(None))
    .order_by(t.conversations.c.last_at)
)
_MESSAGES = sa.select(t.messages).where(t.messages.c.id.in_(_IDS)).order_by(t.messages.c.id)
_EVENTS = sa.select(t.events).where(t.events.c.seq.in_(_IDS)).order_by(t.events.c.seq)


_CONVERSATION_FIELDS = [
    "id",
    "channel",
    "account",
    "language",
    "owner",
    "epoch",
    "assignee_id",
    "case_id",
    "unread",
    "created_at",
    "updated_at",
]
_HANDOFF_FIELDS = [
    "id",
    "case_id",
    "status",
    "reason",
    "evidence",
    "summary",
    "collected",
    "rules_version",
    "requested_at",
    "assigned_at",
    "ended_at",
    "assignee_id",
    "disposition",
    "note",
]


def _conversation(row: sa.RowMapping) -> dict[str, Any]:
    last = {
        "id": row["last_message_id"],
        "author": row["last_author"],
        "author_name": row["last_author_name"],
        "text": row["last_text"],
        "created_at": row["last_at"],
    }
    handoff = {name: row[f"h_{name}"] for name in _HANDOFF_FIELDS} if row["h_id"] else None
    return {name: row[name] for name in _CONVERSATION_FIELDS} | {
        "customer": {"id": row["customer_id"], "name": row["customer_name"]},
        "last_message": last if row["last_at"] else None,
        "handoff": handoff,
    }


_MESSAGE_FIELDS = [
    "id",
    "conversation_id",
    "direction",
    "author",
    "author_id",
    "author_name",
    "text",
    "private",
    "delivery",
    "delivery_error",
    "response",
    "stretch",
    "client_message_id",
    "created_at",
]


def messages(connection: sa.Connection, ids: set[int]) -> list[dict[str, Any]]:
    if not ids:
        return []
    return [_message(row) for row in connection.execute(_MESSAGES, {"ids": list(ids)}).mappings()]


def _message(row: sa.RowMapping) -> dict[str, Any]:
    understood = row["understanding"] or {}
    return {name: row[name] for name in _MESSAGE_FIELDS} | {
        "buttons": [{"title": button["title"]} for button in row["buttons"]],
        "intent": understood.get("intent"),
        "intent_ranking": understood.get("intent_ranking", []),
        "entities": understood.get("entities", []),
        "sentiment": understood.get("sentiment"),
    }


def _events(connection: sa.Connection, seqs: list[int]) -> list[dict[str, Any]]:
    if not seqs:
        return []
    return [
        {
            "seq": row.seq,
            "name": row.name,
            "conversation_id": row.conversation_id,
            "after_message_id": row.after_message_id,
            "actor": {"kind": row.actor_kind, "id": row.actor_id, "name": row.actor_name},
            "data": row.data,
            "at": row.at,
        }
        for row in connection.execute(_EVENTS, {"ids": seqs})
    ]


def _agents(connection: sa.Connection, ids: set[str], at: int) -> list[dict[str, Any]]:
    if not ids:
        return []
    a, c = t.agents.c, t.conversations.c
    open_count = sa.select(sa.func.count()).where(c.assignee_id == a.id).scalar_subquery()
    query = sa.select(a.id, a.name, a.email, a.role, a.presence, a.seen_at, open_count.label("open")).where(
        a.id.in_(ids)
    )
    return [
        {
            "id": row.id,
            "name": row.name,
            "email": row.email,
            "role": row.role,
            "presence": row.presence if is_connected(row.seen_at, at) else "offline",
            "open": row.open,
        }
        for row in connection.execute(query)
    ]


def is_connected(seen_at: int | None, at: int) -> bool:
    return seen_at is not None and at - seen_at < ONLINE_MS
