"""What a change may do to the store. Notes what was touched and which jobs are new.

Writing is put off to the end of the group (pending.py) and what is known is not read again (recent.py). Whoever asks
the database itself, by `tx.connection`, finds everything that was written before.
"""

import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.case import Case
from handoff_server.change import Change, Touched, rendered
from handoff_server.conversations import OPEN_STATUSES, Actor, Conversation, Handoff
from handoff_server.message import Message
from handoff_server.pending import Pending
from handoff_server.promises import settled
from handoff_server.recent import Key, Recent
from handoff_server.refusal import Refusal
from handoff_server.routing import Waiting
from handoff_server.serials import Serials
from handoff_server.teams import PLAIN, Policy
from handoff_server.windows import hurries, window


@dataclass(frozen=True)
class Turn:
    """What was given to the bot under `id`, and what became of it: posted, answered or failed."""

    id: str
    conversation_id: str
    stretch: int
    epoch: int
    state: str
    event: str | None = None  # what the hub itself told the bot; None: what the customer said


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


# Statements are made once: SQLAlchemy spends more time on making one than the database on carrying it out.
_KEY: sa.BindParameter[Any] = sa.bindparam("key")
_KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)
_m, _c = t.messages.c, t.conversations.c
_CONVERSATION = sa.select(t.conversations).where(_c.id == _KEY)
_CONVERSATION_WITH = sa.select(t.conversations).where(
    *(_c[name] == sa.bindparam(name) for name in ("channel", "account", "external_id"))
)
_CONVERSATION_AT = sa.select(t.conversations).where(
    *(_c[name] == sa.bindparam(name) for name in ("channel", "account", "address"))
)
_CASE = sa.select(t.cases).where(t.cases.c.id == _KEY)
_HANDOFF = sa.select(t.handoffs).where(t.handoffs.c.id == _KEY)
_MESSAGE = sa.select(t.messages).where(_m.id == _KEY)
_MESSAGE_OF = sa.select(_m.id).where(
    _m.author_id == sa.bindparam("author_id"), _m.client_message_id == sa.bindparam("client_message_id")
)
_MESSAGES = sa.select(t.messages).where(_m.id.in_(_KEYS))
# (SQLite searches no index for a list of triples.)
_MESSAGES_WITH = sa.select(t.messages).where(
    _m.channel == sa.bindparam("channel"), _m.account == sa.bindparam("account"), _m.external_id.in_(_KEYS)
)


def new_id(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(8)}"


def _tracking_key() -> str:
    """Eight letters and digits that nobody misreads on the phone: 30^8, so that none is guessed or given twice."""
    drawn = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


class Tx:
    """Changes under way: a whole group's, or one's alone. `at` is their time."""

    def __init__(
        self, connection: sa.Connection, at: int, serials: Serials, recent: Recent, policy: Policy = PLAIN
    ) -> None:
        self.at = at
        self.policy = policy
        self.touched = Touched()
        self.jobs: list[Job] = []
        self.hints: list[Message] = []
        self.known = Recent(sys.maxsize)  # what these changes have read or written; not committed yet
        self._connection = connection
        self.serials = serials
        self._recent = recent
        self._pending = Pending()
        self._looked_up: set[Key] = set()  # external ids that have been looked up
        self._events: dict[int, dict[str, Any]] = {}

    @property
    def connection(self) -> sa.Connection:
        """For what this class has no verb for."""
        self.flush()
        return self._connection

    def apart(self) -> "Tx":
        """For one change of a group that is carried out for itself: it knows and shares nothing."""
        return Tx(self._connection, self.at, self.serials, Recent(), self.policy)

    def take(self, other: "Tx") -> None:
        """What a change that was carried out apart has touched and asked for."""
        self.touched.add(other.touched)
        self.jobs += other.jobs
        self.hints += other.hints

    def flush(self) -> None:
        self._pending.flush(self._connection)

    def end(self) -> None:
        """Nothing more will be written: the commit may come."""
        self.flush()
        self.serials.keep(self._connection)

    def frame(self, after: int) -> Change:
        """What consoles are told of all that was touched."""
        conversations = [self._conversation(one) for one in self.touched.conversations]
        shown = [(one, self._handoff(one.handoff_id), self._case(one.case_id)) for one in conversations if one]
        messages = self._messages(self.touched.messages)
        return rendered(self.connection, self.touched, shown, messages, self._events, after, self.at)

    # conversations and handoffs

    def conversation(self, conversation_id: str) -> Conversation:
        found = self._conversation(conversation_id)
        if found is None:
            raise Refusal("unknown_conversation", f"there is no conversation {conversation_id}")
        return found

    def conversation_with(self, channel: str, account: str, external_id: str) -> Conversation | None:
        key = (channel, account, external_id)
        found = self.known.conversation_with(key) or self._recent.conversation_with(key)
        if found is None:
            row = self._first(_CONVERSATION_WITH, channel=channel, account=account, external_id=external_id)
            found = self._as_known(row)
        if found:
            self.known.keep_conversation(found)
        return found if found and found.external_id == external_id else None

    def conversation_at(self, channel: str, account: str, address: str) -> Conversation | None:
        """The conversation with whoever can be written to at this address (not its external id)."""
        key = (channel, account, address)
        found = self.known.conversation_at(key) or self._recent.conversation_at(key)
        if found is None:
            found = self._as_known(self._first(_CONVERSATION_AT, channel=channel, account=account, address=address))
        return found if found and found.address == address else None

    def add_conversation(self, conversation: Conversation) -> None:
        name = conversation.customer_name
        customer = {"id": conversation.customer_id, "name": name, "created_at": self.at}
        self._pending.add(t.customers, conversation.customer_id, customer)
        self._pending.add(t.conversations, conversation.id, vars(conversation))
        self.known.keep_conversation(conversation)

    def save(self, conversation: Conversation) -> None:
        """Something that consoles show has changed; an event must tell of it."""
        noted = conversation if conversation.updated_at == self.at else replace(conversation, updated_at=self.at)
        self.save_quietly(noted)
        self.touched.conversations.add(conversation.id)

    def save_quietly(self, conversation: Conversation) -> None:
        """Consoles show nothing of what has changed, and hear nothing."""
        before = self.conversation(conversation.id)
        self._pending.change(t.conversations, conversation.id, _changed(before, conversation))
        self.known.keep_conversation(conversation)

    def open_handoff(self, conversation: Conversation) -> Handoff | None:
        handoff = self._handoff(conversation.handoff_id)
        return handoff if handoff and handoff.status in OPEN_STATUSES else None

    def handoff(self, handoff_id: str | None) -> Handoff:
        found = self._handoff(handoff_id)
        if found is None:
            raise Refusal("unknown_handoff", f"there is no handoff {handoff_id}")
        return found

    def handoff_of_turn(self, turn_id: str) -> Handoff | None:
        found = self.connection.execute(sa.select(t.handoffs).where(t.handoffs.c.turn_id == turn_id)).mappings().first()
        return Handoff(**found) if found else None

    def save_handoff(self, handoff: Handoff, new: bool = False) -> None:
        handoff = settled(handoff, self.policy)
        if new:
            self._pending.add(t.handoffs, handoff.id, vars(handoff))
        else:
            before = self._handoff(handoff.id)
            self._pending.change(t.handoffs, handoff.id, _changed(before, handoff) if before else vars(handoff))
        self.known.keep_handoff(handoff)
        self.touched.conversations.add(handoff.conversation_id)

    def keep_tracker(self, handoff_id: str, tracker: dict[str, Any]) -> None:
        self.connection.execute(t.trackers.insert().values(handoff_id=handoff_id, tracker=tracker))

    def waiting(self) -> list[Waiting]:
        return waiting(self.connection, self.at)

    # cases

    def case(self, case_id: str) -> Case:
        found = self._case(case_id)
        if found is None:
            raise LookupError(f"there is no case {case_id}")
        return found

    def open_case(self, conversation_id: str) -> Case:
        case = Case(id=new_id("k"), conversation_id=conversation_id, tracking_key=_tracking_key(), opened_at=self.at)
        self._pending.add(t.cases, case.id, vars(case))
        self.known.keep_case(case)
        return case

    def save_case(self, case: Case) -> None:
        self._pending.change(t.cases, case.id, _changed(self.case(case.id), case))
        self.known.keep_case(case)
        self.touched.conversations.add(case.conversation_id)

    # messages

    def add_message(self, **values: Any) -> Message:
        message = Message(id=self.serials.next_message(), created_at=self.at, **values)
        self._pending.add(t.messages, message.id, vars(message))
        self.known.keep_message(message)
        self.touched.messages.add(message.id)
        return message

    def message_with_id(self, message_id: int) -> Message | None:
        return next(iter(self._messages({message_id})), None)

    def message_with(self, channel: str, account: str, external_id: str) -> Message | None:
        """The message that a platform, or a widget, knows by this id."""
        key = (channel, account, external_id)
        self.look_up([key])
        return self.known.message_with(key)

    def message_of(self, author_id: str, client_message_id: str) -> Message | None:
        """The message that its author gave this id."""
        self.flush()
        row = self._first(_MESSAGE_OF, author_id=author_id, client_message_id=client_message_id)
        return self.message_with_id(row["id"]) if row else None

    def look_up(self, keys: Iterable[Key]) -> None:
        """Asks for all of these messages at once, so that `message_with` need not ask for each."""
        asked: dict[tuple[str, str], list[str]] = {}
        for key in keys:
            if key in self._looked_up or self.known.message_with(key):
                continue
            if found := self._recent.message_with(key):
                self.known.keep_message(found)
            else:
                asked.setdefault(key[:2], []).append(key[2])
                self._looked_up.add(key)
        for (channel, account), external_ids in asked.items():
            parameters = {"channel": channel, "account": account, "keys": external_ids}
            for row in self._connection.execute(_MESSAGES_WITH, parameters).mappings():
                self.known.keep_message(Message(**row))

    def message(self, *conditions: sa.ColumnElement[bool]) -> Message | None:
        return next(iter(self.messages(*conditions, limit=1)), None)

    def messages(self, *conditions: sa.ColumnElement[bool], limit: int = 200) -> list[Message]:
        """The newest `limit` that meet the conditions, oldest first."""
        newest = sa.select(t.messages).where(*conditions).order_by(_m.id.desc()).limit(limit)
        found = [Message(**row) for row in reversed(self.connection.execute(newest).mappings().all())]
        for message in found:
            self.known.keep_message(message)
        return found

    def update_messages(self, ids: Sequence[int], **values: Any) -> None:
        for message in self._messages(set(ids)):
            self._pending.change(t.messages, message.id, values)
            self.known.keep_message(replace(message, **values))
        self.touched.messages.update(ids)

    # turns and jobs

    def turn(self, turn_id: str) -> Turn | None:
        columns = (
            t.turns.c.id,
            t.turns.c.conversation_id,
            t.turns.c.stretch,
            t.turns.c.epoch,
            t.turns.c.state,
            t.turns.c.event,
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
        job = Job(self.serials.next_job(), kind, lane, payload, self.at + delay_ms)
        self._pending.add(t.jobs, job.id, vars(job) | {"dead": False})
        self.jobs.append(job)

    def finish_job(self, job_id: int) -> None:
        self._pending.drop(t.jobs, job_id)

    # events

    def record(
        self,
        name: str,
        actor: Actor,
        *,
        conversation: Conversation | None = None,
        message_id: int | None = None,
        agent_id: str | None = None,
        case_id: str | None = None,
        handoff: Handoff | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Appends to the story that is never rewritten; consoles hear of it in this order.

        What is told of a conversation's life is about its present case and its last handoff, unless another one is
        named: a survey may be answered, or a handoff wrapped up, when the next case has begun.
        """
        seq = self.serials.next_event()
        lives = conversation if conversation and not message_id else None  # messages carry their own
        if handoff is None and lives:
            handoff = self._handoff(lives.handoff_id)
        self._events[seq] = {
            "seq": seq,
            "name": name,
            "conversation_id": conversation.id if conversation else None,
            "message_id": message_id,
            "agent_id": agent_id,
            "after_message_id": conversation.last_message_id if conversation else 0,
            "actor_kind": actor.kind,
            "actor_id": actor.id,
            "actor_name": actor.name,
            "epoch": None if message_id else conversation.epoch if conversation else 0,
            "case_id": case_id or (lives.case_id if lives else None),
            "handoff_id": handoff.id if handoff else None,
            "rules_version": handoff.rules_version if handoff else None,
            "data": data or {},
            "at": self.at,
        }
        self._pending.add(t.events, seq, self._events[seq])
        self.touched.events.append(seq)
        if conversation:
            self.touched.conversations.add(conversation.id)
        if message_id:
            self.touched.messages.add(message_id)
        if agent_id:
            self.touched.agents.add(agent_id)

    # what is known, or else read

    def _conversation(self, conversation_id: str) -> Conversation | None:
        for known in (self.known, self._recent):
            if found := known.conversations.get(conversation_id):
                return found
        row = self._first(_CONVERSATION, key=conversation_id)
        if row is None:
            return None
        self.known.keep_conversation(Conversation(**row))
        return self.known.conversations[conversation_id]

    def _as_known(self, row: dict[str, Any] | None) -> Conversation | None:
        """What is known of it, which may be newer than its row."""
        if row is None:
            return None
        if known := self.known.conversations.get(row["id"]) or self._recent.conversations.get(row["id"]):
            return known
        self.known.keep_conversation(Conversation(**row))
        return self.known.conversations[row["id"]]

    def _case(self, case_id: str | None) -> Case | None:
        if case_id is None:
            return None
        for known in (self.known, self._recent):
            if found := known.cases.get(case_id):
                return found
        row = self._first(_CASE, key=case_id)
        if row is None:
            return None
        self.known.keep_case(Case(**row))
        return self.known.cases[case_id]

    def _handoff(self, handoff_id: str | None) -> Handoff | None:
        if handoff_id is None:
            return None
        for known in (self.known, self._recent):
            if found := known.handoffs.get(handoff_id):
                return found
        row = self._first(_HANDOFF, key=handoff_id)
        if row is None:
            return None
        self.known.keep_handoff(Handoff(**row))
        return self.known.handoffs[handoff_id]

    def _messages(self, ids: set[int]) -> list[Message]:
        """In the order of the log; those that do not exist are missing."""
        found = {one: self.known.messages.get(one) or self._recent.messages.get(one) for one in ids}
        if unknown := [one for one, message in found.items() if message is None]:
            for row in self._connection.execute(_MESSAGES, {"keys": unknown}).mappings():
                found[row["id"]] = Message(**row)
                self.known.keep_message(Message(**row))
        return [message for _, message in sorted(found.items()) if message]

    def _first(self, query: sa.Select[Any], **parameters: Any) -> dict[str, Any] | None:
        """Of rows that nothing is pending for: whatever was written is known."""
        row = self._connection.execute(query, parameters).mappings().first()
        return dict(row) if row else None


def _changed(before: Any, after: Any) -> Mapping[str, Any]:
    """The fields in which two states of one thing differ."""
    old = vars(before)
    return {name: value for name, value in vars(after).items() if old[name] is not value and old[name] != value}
