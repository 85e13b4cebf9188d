"""What a change may do to the store. Notes what was touched and which jobs are new."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.change import Touched
from handoff_server.conversations import Actor, Conversation, Handoff
from handoff_server.refusal import Refusal
from handoff_server.routing import Waiting


@dataclass(frozen=True, kw_only=True)
class Message:
    """One line of the log. `epoch` is the one it was written under."""

    id: int
    conversation_id: str
    case_id: str | None = None
    channel: str
    account: str
    external_id: str | None = None
    client_message_id: str | None = None
    direction: str
    author: str
    author_id: str | None = None
    author_name: str | None = None
    text: str
    payload: str | None = None
    buttons: list[dict[str, str]] = field(default_factory=list)
    private: bool = False
    delivery: str
    delivery_error: str | None = None
    posted_at: int | None = None
    epoch: int
    stretch: int | None = None
    turn_id: str | None = None
    response: str | None = None
    understanding: dict[str, Any] | None = None
    created_at: int


@dataclass(frozen=True)
class Turn:
    """What was given to the bot under `id`, and what became of it: posted, answered or failed."""

    id: str
    conversation_id: str
    stretch: int
    epoch: int
    state: str


@dataclass(frozen=True)
class Job:
    """Work to be done after the commit. Jobs of one lane run one after the other."""

    id: int
    kind: str
    lane: str
    payload: dict[str, Any]
    run_at: int
    attempts: int = 0


def jobs_left(connection: sa.Connection) -> list[Job]:
    """All that is still to be done, in the order in which it was asked for."""
    j = t.jobs.c
    rows = connection.execute(sa.select(t.jobs).where(j.dead.is_(False)).order_by(j.id))
    return [Job(row.id, row.kind, row.lane, row.payload, row.run_at, row.attempts) for row in rows]


# Statements are made once: SQLAlchemy spends more time on making one than the database on carrying it out.
_KEY: sa.BindParameter[Any] = sa.bindparam("key")
_CONVERSATION = sa.select(t.conversations).where(t.conversations.c.id == _KEY)
_CONVERSATION_WITH = sa.select(t.conversations).where(
    *(t.conversations.c[name] == sa.bindparam(name) for name in ("channel", "account", "external_id"))
)
_SAVE_CONVERSATION = t.conversations.update().where(t.conversations.c.id == _KEY)
_CUSTOMER_NAME = sa.select(t.customers.c.name).where(t.customers.c.id == _KEY)
_OPEN_HANDOFF = sa.select(t.handoffs).where(
    t.handoffs.c.conversation_id == _KEY, t.handoffs.c.status.in_(("queued", "assigned"))
)
_SAVE_HANDOFF = t.handoffs.update().where(t.handoffs.c.id == _KEY)
_MESSAGE = sa.select(t.messages).where(t.messages.c.id == _KEY)
_MESSAGE_WITH = sa.select(t.messages).where(
    *(t.messages.c[name] == sa.bindparam(name) for name in ("channel", "account", "external_id"))
)
_UPDATE_MESSAGE = t.messages.update().where(t.messages.c.id == _KEY)
_FINISH_JOB = t.jobs.delete().where(t.jobs.c.id == _KEY)
_INSERT = {table: table.insert() for table in t.metadata.sorted_tables}


def new_id(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(8)}"


class Tx:
    """One change under way. `at` is its time."""

    def __init__(self, connection: sa.Connection, at: int) -> None:
        self.connection = connection
        self.at = at
        self.touched = Touched()
        self.jobs: list[Job] = []

    # conversations and handoffs

    def conversation(self, conversation_id: str) -> Conversation:
        found = self._first(_CONVERSATION, key=conversation_id)
        if found is None:
            raise Refusal("unknown_conversation", f"there is no conversation {conversation_id[:40]}")
        return Conversation(**found)

    def conversation_with(self, channel: str, account: str, external_id: str) -> Conversation | None:
        found = self._first(_CONVERSATION_WITH, channel=channel, account=account, external_id=external_id)
        return Conversation(**found) if found else None

    def add_conversation(self, conversation: Conversation, customer_name: str | None) -> None:
        self.connection.execute(
            t.customers.insert().values(id=conversation.customer_id, name=customer_name, created_at=self.at)
        )
        self.connection.execute(_INSERT[t.conversations], vars(conversation))

    def save(self, conversation: Conversation) -> None:
        """Something that consoles show has changed; an event must tell of it."""
        self.save_quietly(replace(conversation, updated_at=self.at))
        self.touched.conversations.add(conversation.id)

    def save_quietly(self, conversation: Conversation) -> None:
        """Consoles show nothing of what has changed, and hear nothing."""
        self.connection.execute(_SAVE_CONVERSATION, vars(conversation) | {"key": conversation.id})

    def customer_name(self, conversation: Conversation) -> str | None:
        return self.connection.scalar(_CUSTOMER_NAME, {"key": conversation.customer_id})

    def open_handoff(self, conversation: Conversation) -> Handoff | None:
        found = self._first(_OPEN_HANDOFF, key=conversation.id)
        return Handoff(**found) if found else None

    def handoff_of_turn(self, turn_id: str) -> Handoff | None:
        found = self._first(sa.select(t.handoffs).where(t.handoffs.c.turn_id == turn_id))
        return Handoff(**found) if found else None

    def save_handoff(self, handoff: Handoff, new: bool = False) -> None:
        if new:
            self.connection.execute(_INSERT[t.handoffs], vars(handoff))
        else:
            self.connection.execute(_SAVE_HANDOFF, vars(handoff) | {"key": handoff.id})
        self.touched.conversations.add(handoff.conversation_id)

    def keep_tracker(self, handoff_id: str, tracker: dict[str, Any]) -> None:
        self.connection.execute(t.trackers.insert().values(handoff_id=handoff_id, tracker=tracker))

    def waiting(self) -> list[Waiting]:
        columns = (t.handoffs.c.id, t.handoffs.c.conversation_id, t.handoffs.c.requested_at)
        return [
            Waiting(*row) for row in self.connection.execute(sa.select(*columns).where(t.handoffs.c.status == "queued"))
        ]

    # cases

    def open_case(self, conversation_id: str) -> str:
        case_id = new_id("k")
        self.connection.execute(t.cases.insert().values(id=case_id, conversation_id=conversation_id, opened_at=self.at))
        return case_id

    def close_case(self, case_id: str, outcome: str) -> None:
        self.connection.execute(
            t.cases.update().where(t.cases.c.id == case_id).values(closed_at=self.at, outcome=outcome)
        )

    # messages

    def add_message(self, **values: Any) -> Message:
        message = Message(id=0, created_at=self.at, **values)
        key = self._insert(t.messages, {name: value for name, value in vars(message).items() if name != "id"})
        self.touched.messages.add(key)
        return replace(message, id=key)

    def message_with_id(self, message_id: int) -> Message | None:
        found = self._first(_MESSAGE, key=message_id)
        return Message(**found) if found else None

    def message_with(self, channel: str, account: str, external_id: str) -> Message | None:
        """The message that a platform, or a widget, knows by this id."""
        found = self._first(_MESSAGE_WITH, channel=channel, account=account, external_id=external_id)
        return Message(**found) if found else None

    def message(self, *conditions: sa.ColumnElement[bool]) -> Message | None:
        found = self._first(sa.select(t.messages).where(*conditions))
        return Message(**found) if found else None

    def messages(self, *conditions: sa.ColumnElement[bool], limit: int = 200) -> list[Message]:
        """The newest `limit` that meet the conditions, oldest first."""
        newest = sa.select(t.messages).where(*conditions).order_by(t.messages.c.id.desc()).limit(limit)
        return [Message(**row) for row in reversed(self.connection.execute(newest).mappings().all())]

    def update_messages(self, ids: Sequence[int], **values: Any) -> None:
        for message_id in ids:
            self.connection.execute(_UPDATE_MESSAGE, values | {"key": message_id})
        self.touched.messages.update(ids)

    # turns and jobs

    def turn(self, turn_id: str) -> Turn | None:
        columns = (
            t.turns.c.id,
            t.turns.c.conversation_id,
            t.turns.c.stretch,
            t.turns.c.epoch,
            t.turns.c.state,
        )
        row = self.connection.execute(sa.select(*columns).where(t.turns.c.id == turn_id)).first()
        return Turn(*row) if row else None

    def end_turn(self, turn_id: str, state: str, error: str | None = None, report: Any = None) -> None:
        self.connection.execute(
            t.turns.update()
            .where(t.turns.c.id == turn_id)
            .values(state=state, error=error, report=report, ended_at=self.at)
        )

    def add_job(self, kind: str, lane: str, payload: dict[str, Any], delay_ms: int = 0) -> None:
        run_at = self.at + delay_ms
        values = {
            "kind": kind,
            "lane": lane,
            "payload": payload,
            "run_at": run_at,
            "attempts": 0,
            "dead": False,
        }
        key = self._insert(t.jobs, values)
        self.jobs.append(Job(key, kind, lane, payload, run_at))

    def finish_job(self, job_id: int) -> bool:
        """Whether it was still there."""
        return self.connection.execute(_FINISH_JOB, {"key": job_id}).rowcount > 0

    # events

    def record(
        self,
        name: str,
        actor: Actor,
        *,
        conversation: Conversation | None = None,
        message_id: int | None = None,
        agent_id: str | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Appends to the story that is never rewritten; consoles hear of it in this order."""
        values = {
            "name": name,
            "conversation_id": conversation.id if conversation else None,
            "message_id": message_id,
            "agent_id": agent_id,
            "after_message_id": conversation.last_message_id if conversation else 0,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "data": data or {},
            "at": self.at,
        }
        key = self._insert(t.events, values)
        self.touched.events.append(key)
        if conversation:
            self.touched.conversations.add(conversation.id)
        if message_id:
            self.touched.messages.add(message_id)
        if agent_id:
            self.touched.agents.add(agent_id)

    def _first(self, query: sa.Select[Any], **parameters: Any) -> dict[str, Any] | None:
        row = self.connection.execute(query, parameters).mappings().first()
        return dict(row) if row else None

    def _insert(self, table: sa.Table, values: Mapping[str, Any]) -> int:
        """The serial number of the new row."""
        key: int = self.connection.execute(_INSERT[table], values).inserted_primary_key[0]  # type: ignore[index]  # one insert has one
        return key
