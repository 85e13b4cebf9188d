"""What a change may do to the store. Notes what was touched and which jobs are new.

Writing is put off to the end of the group (pending.py).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.case import Case
from handoff_server.change import Change, Touched, rendered
from handoff_server.conversations import Actor, Conversation, Handoff
from handoff_server.job import Job
from handoff_server.message import Message
from handoff_server.promises import settled
from handoff_server.reading import Reading
from handoff_server.recent import Recent
from handoff_server.serials import Serials
from handoff_server.teams import PLAIN, Policy


def new_id(prefix: str) -> str:
    return f"{prefix}{secrets.token_hex(8)}"


def _tracking_key() -> str:
    """Eight letters and digits that nobody misreads on the phone: 30^8, so that none is guessed or given twice."""
    drawn = "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


class Tx(Reading):
    """Changes under way: a whole group's, or one's alone. `at` is their time."""

    def __init__(
        self, connection: sa.Connection, at: int, serials: Serials, recent: Recent, policy: Policy = PLAIN
    ) -> None:
        super().__init__(connection, at, recent)
        self.policy = policy
        self.touched = Touched()
        self.jobs: list[Job] = []
        self.hints: list[Message] = []
        self.serials = serials
        self._events: dict[int, dict[str, Any]] = {}

    def apart(self) -> "Tx":
        """For one change of a group that is carried out for itself: it knows and shares nothing."""
        return Tx(self._connection, self.at, self.serials, Recent(), self.policy)

    def take(self, other: "Tx") -> None:
        """What a change that was carried out apart has touched and asked for."""
        self.touched.add(other.touched)
        self.jobs += other.jobs
        self.hints += other.hints

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

    # conversations, handoffs and cases

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

    def open_case(self, conversation_id: str) -> Case:
        case = Case(id=new_id("k"), conversation_id=conversation_id, tracking_key=_tracking_key(), opened_at=self.at)
        self._pending.add(t.cases, case.id, vars(case))
        self.known.keep_case(case)
        return case

    def save_case(self, case: Case) -> None:
        self._pending.change(t.cases, case.id, _changed(self.case(case.id), case))
        self.known.keep_case(case)
        self.touched.conversations.add(case.conversation_id)

    # messages and turns

    def add_message(self, **values: Any) -> Message:
        message = Message(id=self.serials.next_message(), created_at=self.at, **values)
        self._pending.add(t.messages, message.id, vars(message))
        self.known.keep_message(message)
        self.touched.messages.add(message.id)
        return message

    def update_messages(self, ids: Sequence[int], **values: Any) -> None:
        for message in self._messages(set(ids)):
            self._pending.change(t.messages, message.id, values)
            self.known.keep_message(replace(message, **values))
        self.touched.messages.update(ids)

    def end_turn(self, turn_id: str, state: str, error: str | None = None, report: Any = None) -> None:
        self.connection.execute(
            t.turns.update()
            .where(t.turns.c.id == turn_id)
            .values(state=state, error=error, report=report, ended_at=self.at)
        )

    # jobs and events

    def add_job(self, kind: str, lane: str, payload: dict[str, Any], delay_ms: int = 0) -> None:
        job = Job(self.serials.next_job(), kind, lane, payload, self.at + delay_ms)
        self._pending.add(t.jobs, job.id, vars(job) | {"dead": False})
        self.jobs.append(job)

    def finish_job(self, job_id: int) -> None:
        self._pending.drop(t.jobs, job_id)

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


def _changed(before: Any, after: Any) -> Mapping[str, Any]:
    """The fields in which two states of one thing differ."""
    old = vars(before)
    return {name: value for name, value in vars(after).items() if old[name] is not value and old[name] != value}
