"""What the writer has written or read lately, so that it need not ask the database for it again.

Only committed state is kept here, and only while nobody else writes (serials.py tells).
"""

from handoff_server.case import Case
from handoff_server.conversations import Conversation, Handoff
from handoff_server.message import Message

MOST = 5_000
Key = tuple[str, str, str]  # channel, account, external id


class Recent:
    """Conversations, cases, handoffs and messages; of each kind the newest `most`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.conversations: dict[str, Conversation] = {}
        self.contacts: dict[Key, str] = {}
        self.addresses: dict[Key, str] = {}
        self.cases: dict[str, Case] = {}
        self.handoffs: dict[str, Handoff] = {}
        self.messages: dict[int, Message] = {}
        self.external: dict[Key, int] = {}

    def clear(self) -> None:
        for kept in (
            self.conversations,
            self.contacts,
            self.addresses,
            self.cases,
            self.handoffs,
            self.messages,
            self.external,
        ):
            kept.clear()

    def conversation_with(self, key: Key) -> Conversation | None:
        """A contact that has moved to another id is not found under the old one: that may be somebody else's now."""
        found = self.conversations.get(self.contacts.get(key, ""))
        return found if found and found.external_id == key[2] else None

    def conversation_at(self, key: Key) -> Conversation | None:
        found = self.conversations.get(self.addresses.get(key, ""))
        return found if found and found.address == key[2] else None

    def message_with(self, key: Key) -> Message | None:
        return self.messages.get(self.external.get(key, 0))

    def keep_conversation(self, conversation: Conversation) -> None:
        self._renew(self.conversations, conversation.id, conversation)
        place = (conversation.channel, conversation.account)
        self._renew(self.contacts, (*place, conversation.external_id), conversation.id)
        if conversation.address:
            self._renew(self.addresses, (*place, conversation.address), conversation.id)

    def keep_case(self, case: Case) -> None:
        self._renew(self.cases, case.id, case)

    def keep_handoff(self, handoff: Handoff) -> None:
        self._renew(self.handoffs, handoff.id, handoff)

    def keep_message(self, message: Message) -> None:
        self._renew(self.messages, message.id, message)
        if message.external_id is not None:
            self._renew(self.external, (message.channel, message.account, message.external_id), message.id)

    def keep(self, other: "Recent") -> None:
        """All that a group has come to know, once it is committed."""
        for conversation in other.conversations.values():
            self.keep_conversation(conversation)
        for case in other.cases.values():
            self.keep_case(case)
        for handoff in other.handoffs.values():
            self.keep_handoff(handoff)
        for message in other.messages.values():
            self.keep_message(message)

    def _renew[Name, Thing](self, kept: dict[Name, Thing], name: Name, thing: Thing) -> None:
        """Puts it last; the oldest goes when there are too many."""
        kept.pop(name, None)
        kept[name] = thing
        if len(kept) > self._most:
            del kept[next(iter(kept))]
