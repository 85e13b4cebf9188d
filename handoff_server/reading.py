"""What changes under way read. What they have written is found, and what is known is not read again (recent.py)."""

import sys
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.case import Case
from handoff_server.conversations import OPEN_STATUSES, Conversation, Handoff
from handoff_server.message import Message
from handoff_server.pending import Pending
from handoff_server.recent import Key, Recent
from handoff_server.refusal import Refusal
from handoff_server.routing import Waiting
from handoff_server.turn import Turn
from handoff_server.waiting import waiting

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
_MESSAGE_OF = sa.select(_m.id).where(
    _m.author_id == sa.bindparam("author_id"), _m.client_message_id == sa.bindparam("client_message_id")
)
_MESSAGES = sa.select(t.messages).where(_m.id.in_(_KEYS))
# (SQLite searches no index for a list of triples.)
_MESSAGES_WITH = sa.select(t.messages).where(
    _m.channel == sa.bindparam("channel"), _m.account == sa.bindparam("account"), _m.external_id.in_(_KEYS)
)
_e = t.early_deletions.c
_TAKEN_BACK = sa.select(_e.external_id).where(
    _e.channel == sa.bindparam("channel"), _e.account == sa.bindparam("account"), _e.external_id.in_(_KEYS)
)
_TURN = sa.select(*(t.turns.c[field.name] for field in fields(Turn))).where(t.turns.c.id == _KEY)


class Reading:
    """The reading side of changes at one time, `at`. Whoever asks the database itself, by `connection`, finds what is
    pending, too."""

    def __init__(self, connection: sa.Connection, at: int, recent: Recent) -> None:
        self.at = at
        self.known = Recent(sys.maxsize)  # what these changes have read or written; not committed yet
        self._connection = connection
        self._recent = recent
        self._pending = Pending()
        self._looked_up: set[Key] = set()  # external ids that have been looked up
        self.taken_back: set[Key] = set()  # those of them that were deleted before they came

    @property
    def connection(self) -> sa.Connection:
        """For what this class has no verb for."""
        self.flush()
        return self._connection

    def flush(self) -> None:
        self._pending.flush(self._connection)

    # conversations, cases and handoffs

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

    def case(self, case_id: str) -> Case:
        found = self._case(case_id)
        if found is None:
            raise LookupError(f"there is no case {case_id}")
        return found

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

    def waiting(self) -> list[Waiting]:
        return waiting(self.connection, self.at)

    # messages and turns

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
            gone = self._connection.scalars(_TAKEN_BACK, parameters)
            self.taken_back |= {(channel, account, one) for one in gone}

    def message(self, *conditions: sa.ColumnElement[bool]) -> Message | None:
        return next(iter(self.messages(*conditions, limit=1)), None)

    def messages(self, *conditions: sa.ColumnElement[bool], limit: int = 200) -> list[Message]:
        """The newest `limit` that meet the conditions, oldest first."""
        newest = sa.select(t.messages).where(*conditions).order_by(_m.id.desc()).limit(limit)
        found = [Message(**row) for row in reversed(self.connection.execute(newest).mappings().all())]
        for message in found:
            self.known.keep_message(message)
        return found

    def turn(self, turn_id: str) -> Turn | None:
        row = self._first(_TURN, key=turn_id)
        return Turn(**row) if row else None

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
