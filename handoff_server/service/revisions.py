"""What customers change afterwards in what was said: they correct their words, or mark a message with an emoji."""

from dataclasses import dataclass, replace
from typing import Any

from handoff_server import tables as t
from handoff_server.conversations import Actor, Conversation
from handoff_server.message import Message
from handoff_server.service.speech import PREVIEW
from handoff_server.service.wording import kept, storable
from handoff_server.transaction import Tx

CUSTOMER = Actor("customer")


@dataclass(frozen=True)
class Reaction:
    """The customer's emoji on a message, the customer's own or ours; None: taken away."""

    channel: str
    account: str
    external_id: str
    emoji: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.account, storable(self.external_id)


def edit(tx: Tx, message: Message, text: str, at: int) -> Message:
    """The newest text counts, in whatever order the platform tells of them. The bot reads what it has not read yet."""
    words = kept(text)
    older = message.edited_at is not None and at <= message.edited_at
    if message.direction != "incoming" or message.deleted_at is not None or older:
        return message
    edited = _change(tx, message, text=words, edited_at=at, understanding=None)
    if tx.conversation(message.conversation_id).owner != "bot":
        tx.hints.append(edited)
    return edited


def react(tx: Tx, told: Reaction) -> bool:
    message = tx.message_with(*told.key)
    emoji = storable(told.emoji)[:32] if told.emoji else None
    if message is None or message.reaction == emoji:
        return False
    _change(tx, message, reaction=emoji)
    return True


def _change(tx: Tx, message: Message, **values: Any) -> Message:
    tx.update_messages([message.id], **values)
    conversation = tx.conversation(message.conversation_id)
    if "text" in values:
        conversation = with_preview(tx, conversation, message, values["text"])
    tx.record("message.updated", CUSTOMER, conversation=conversation, message_id=message.id)
    return replace(message, **values)


def with_preview(tx: Tx, conversation: Conversation, message: Message, text: str) -> Conversation:
    """Lists show the last words that the customer has heard or said: notes may have come after them."""
    m = t.messages.c
    after = (m.conversation_id == conversation.id, m.id > message.id)
    if tx.message(*after, m.private.is_(False), m.delivery != "suppressed"):
        return conversation
    changed = replace(conversation, last_text=text[:PREVIEW])
    tx.save(changed)
    return changed
