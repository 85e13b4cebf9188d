"""The one shape in which state reaches consoles: snapshot, live frame, catch-up and history (docs/protocol.md §3).

All four are `render` of some ids, so a snapshot and the frames after it cannot tell different stories.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.case import Case
from handoff_server.conversations import Conversation, Handoff
from handoff_server.message import Message
from handoff_server.people import LOAD, OPEN, presence
from handoff_server.windows import window

Change = dict[str, Any]
Shown = tuple[Conversation, Handoff | None, Case | None]
SNAPSHOT_CONVERSATIONS = 50
SNAPSHOT_MESSAGES = 30
MAX_EVENTS = 200  # of a conversation, on one page
MAX_CATCH_UP = 2_000
MAX_LINKED = 20  # conversations of one customer
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
    messages = [Message(**row) for row in _rows(connection, _MESSAGES, touched.messages)]
    return rendered(
        connection, touched, _conversations(connection, touched.conversations), messages, {}, after, server_time
    )


def rendered(
    connection: sa.Connection,
    touched: Touched,
    conversations: Iterable[Shown],
    messages: Iterable[Message],
    events: Mapping[int, Mapping[str, Any]],
    after: int,
    server_time: int,
) -> Change:
    """The same from what somebody knows already; of the touched events those that are missing here are read.

    Conversations that nobody has written in yet are nobody's business.
    """
    told: list[Mapping[str, Any]] = [events[seq] for seq in touched.events if seq in events]
    told += _rows(connection, _EVENTS, set(touched.events) - events.keys())
    told.sort(key=lambda one: one["seq"])
    written_in = sorted(
        (one for one in conversations if one[0].last_at is not None), key=lambda one: one[0].last_at or 0
    )
    return {
        "after": after,
        "seq": max(touched.events, default=after),
        "server_time": server_time,
        "conversations": [_conversation(*one) for one in written_in],
        "messages": [shown(message) for message in messages],
        "events": [_event(event) for event in told],
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
        _add_newest(connection, touched, conversation_id)
    return render(connection, touched, after=0, server_time=at) | {"seq": seq, "reset": True}


def since(connection: sa.Connection, seq: int, at: int) -> Change | None:
    """What has happened after `seq`; None where that would be too much, or `seq` is not ours."""
    rows = connection.execute(
        sa.select(t.events).where(t.events.c.seq > seq).order_by(t.events.c.seq).limit(MAX_CATCH_UP + 1)
    ).all()
    known = seq == 0 or connection.scalar(sa.select(t.events.c.seq).where(t.events.c.seq == seq))
    # What was erased has rewritten what was told before.
    erased = any(row.name == "conversation.erased" for row in rows)
    if len(rows) > MAX_CATCH_UP or not known or seq == 0 or erased:
        return None
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
        # A message that was taken back has rewritten what was told before.
        events=list({seq for event in events for seq in (event.seq, *event.data.get("rewritten", ()))}),
        # Every change of hands changes how many conversations somebody has; agents are few.
        agents=set(connection.scalars(sa.select(t.agents.c.id))),
    )


def history(
    connection: sa.Connection, conversation_id: str, before: int | None, limit: int, at: int
) -> tuple[Change, int]:
    """Up to `limit` messages before the message `before`, with the events among them: of the conversation's customer,
    on whatever channel. And the message since which that is everything; 0: there is nothing earlier.

    The newest page has the newest of the conversation itself in any case, however much was said elsewhere since.
    """
    theirs = _with_the_same_customer(connection, conversation_id)
    found = sorted(each for one in theirs for each in _newest(connection, one, before, limit + 1))
    since = found[-limit] if len(found) > limit else 0
    touched = Touched(conversations=set(theirs), messages={one for one in found if one >= since})
    for one in theirs:
        touched.events += _events_among(connection, one, since, before)
    if before is None:
        _add_newest(connection, touched, conversation_id)
    return render(connection, touched, after=0, server_time=at), since


def _with_the_same_customer(connection: sa.Connection, conversation_id: str) -> Sequence[str]:
    """This conversation and the customer's others, written in last."""
    c = t.conversations.c
    customer = sa.select(c.customer_id).where(c.id == conversation_id).scalar_subquery()
    first = ((c.id == conversation_id).desc(), c.last_at.desc())
    query = sa.select(c.id).where(c.customer_id == customer).order_by(*first).limit(MAX_LINKED)
    return connection.scalars(query).all()


def _add_newest(connection: sa.Connection, touched: Touched, conversation_id: str) -> None:
    """What a conversation begins with, before anybody asks for its history."""
    ids = _newest(connection, conversation_id, None, SNAPSHOT_MESSAGES)
    touched.messages.update(ids)
    since = ids[-1] if len(ids) == SNAPSHOT_MESSAGES else 0
    touched.events += _events_among(connection, conversation_id, since, None)


def _newest(connection: sa.Connection, conversation_id: str, before: int | None, limit: int) -> Sequence[int]:
    """Ids of messages, the newest first."""
    m = t.messages.c
    query = sa.select(m.id).where(m.conversation_id == conversation_id)
    if before is not None:
        query = query.where(m.id < before)
    return connection.scalars(query.order_by(m.id.desc()).limit(limit)).all()


def _events_among(connection: sa.Connection, conversation_id: str, since: int, before: int | None) -> Sequence[int]:
    """What happened after the message `since` and before the message `before`, the newest first. What happened long
    after the last words of its own conversation may stand between words of the customer's others."""
    e, m = t.events.c, t.messages.c
    theirs = (e.conversation_id == conversation_id, e.message_id.is_(None), e.name.not_in(_UNSHOWN))
    then = sa.select(m.created_at).where(m.id == since).scalar_subquery()
    query = sa.select(e.seq).where(*theirs, sa.or_(e.after_message_id >= since, e.at >= then))
    if before is not None:
        query = query.where(e.after_message_id < before)
    return connection.scalars(query.order_by(e.seq.desc()).limit(MAX_EVENTS)).all()


def _conversations(connection: sa.Connection, ids: set[str]) -> list[Shown]:
    found = [Conversation(**row) for row in _rows(connection, _CONVERSATIONS, ids)]
    wanted = {one.handoff_id for one in found if one.handoff_id}
    handoffs = {row["id"]: Handoff(**row) for row in _rows(connection, _HANDOFFS, wanted)}
    open_ones = {one.case_id for one in found if one.case_id}
    cases = {row["id"]: Case(**row) for row in _rows(connection, _CASES, open_ones)}
    return [(one, handoffs.get(one.handoff_id or ""), cases.get(one.case_id or "")) for one in found]


# Statements are made once: SQLAlchemy spends more time on making one than the database on carrying it out.
_IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_CONVERSATIONS = sa.select(t.conversations).where(t.conversations.c.id.in_(_IDS))
_CASES = sa.select(t.cases).where(t.cases.c.id.in_(_IDS))
_HANDOFFS = sa.select(t.handoffs).where(t.handoffs.c.id.in_(_IDS))
_MESSAGES = sa.select(t.messages).where(t.messages.c.id.in_(_IDS)).order_by(t.messages.c.id)
_EVENTS = sa.select(t.events).where(t.events.c.seq.in_(_IDS)).order_by(t.events.c.seq)


def _rows(connection: sa.Connection, query: sa.Select[Any], ids: Iterable[Any]) -> Sequence[Mapping[Any, Any]]:
    wanted = list(ids)
    return connection.execute(query, {"ids": wanted}).mappings().all() if wanted else []


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
    "snoozed_until",
    "blocked_at",
    "heard_at",
    "tags",
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
    "summary_by",
    "collected",
    "rules_version",
    "requested_at",
    "assigned_at",
    "ended_at",
    "assignee_id",
    "disposition",
    "note",
    "priority",
    "team",
    "skill",
    "language",
    "callback",
    "queued_at",
    "offered_to",
    "offered_until",
    "first_reply_at",
    "waiting_since",
    "due",
    "wrapped_at",
    "verdict",
    "asked_again",
]


def _conversation(conversation: Conversation, handoff: Handoff | None, case: Case | None) -> dict[str, Any]:
    c = conversation
    fields = vars(c)
    last = {
        "id": c.last_message_id,
        "author": c.last_author,
        "author_name": c.last_author_name,
        "text": c.last_text,
        "created_at": c.last_at,
    }
    open_until = window(c.channel, c.heard_at, c.gone_at)
    return {name: fields[name] for name in _CONVERSATION_FIELDS} | {
        "window": vars(open_until) if open_until else None,
        "customer": {"id": c.customer_id, "name": c.customer_name},
        "last_message": last,
        "handoff": _handoff(handoff) if handoff else None,
        "case": _open_case(case) if case else None,
    }


def _open_case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "key": case.tracking_key,
        "topic": case.topic,
        "opened_at": case.opened_at,
        "reopened": case.reopened,
    }


def _handoff(handoff: Handoff) -> dict[str, Any]:
    fields = vars(handoff)
    wraps_up = handoff.status == "resolved" and handoff.wrapped_at is None
    return {name: fields[name] for name in _HANDOFF_FIELDS} | {
        "wrap_up_until": handoff.look_at if wraps_up else None,
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
    "label",
    "attachments",
    "mentions",
    "reply_to",
    "edited_at",
    "deleted_at",
    "reaction",
    "created_at",
]


def shown(message: Message) -> dict[str, Any]:
    """A message as consoles get it."""
    fields, understood = vars(message), message.understanding or {}
    return {name: fields[name] for name in _MESSAGE_FIELDS} | {
        "buttons": [{"title": button["title"]} for button in message.buttons],
        "intent": understood.get("intent"),
        "intent_ranking": understood.get("intent_ranking", []),
        "entities": understood.get("entities", []),
        "sentiment": understood.get("sentiment"),
    }


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "seq": event["seq"],
        "name": event["name"],
        "conversation_id": event["conversation_id"],
        "handoff_id": event["handoff_id"],
        "after_message_id": event["after_message_id"],
        "actor": {"kind": event["actor_kind"], "id": event["actor_id"], "name": event["actor_name"]},
        "data": event["data"],
        "at": event["at"],
    }


_AGENT_FIELDS = [
    "id",
    "name",
    "email",
    "role",
    "open",
    "teams",
    "skills",
    "languages",
    "capacity",
    "load",
    "hard_today",
]
_AGENTS = sa.select(t.agents, OPEN.label("open"), LOAD.label("load")).where(t.agents.c.id.in_(_IDS))


def _agents(connection: sa.Connection, ids: set[str], at: int) -> list[dict[str, Any]]:
    if not ids:
        return []
    rows = connection.execute(_AGENTS, {"ids": sorted(ids)}).mappings()
    return [
        {name: row[name] for name in _AGENT_FIELDS}
        | presence(row, at)
        | {"removed": row["removed_at"] is not None}  # the story still needs the name
        for row in rows
    ]
