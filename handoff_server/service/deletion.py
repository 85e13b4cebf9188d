"""A customer takes a message back: its words are not kept, wherever they were written down. That it was there, and
when, stays.

A platform may tell of that before it brings the message itself; then it is remembered, and the message comes blank.
"""

from dataclasses import dataclass
from typing import Any

from handoff_server import tables as t
from handoff_server.conversations import Actor
from handoff_server.service import copies
from handoff_server.service.revisions import with_preview
from handoff_server.service.wording import storable
from handoff_server.transaction import Tx

CUSTOMER = Actor("customer")
# A platform repeats what was not taken for a week at most. How many are remembered is what a flood can cost us.
REMEMBERED_MS = 7 * 24 * 3_600_000
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class Deletion:
    """The customer took the message back."""

    channel: str
    account: str
    external_id: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.account, storable(self.external_id)


def delete(tx: Tx, told: Deletion) -> bool:
    """Whether that changed anything."""
    message = tx.message_with(*told.key)
    if message is None:
        return _remember(tx, told.key)
    if message.direction != "incoming" or message.deleted_at is not None:
        return False
    gone: dict[str, Any] = {"text": "", "payload": None, "understanding": None, "label": None, "attachments": []}
    tx.update_messages([message.id], **gone, deleted_at=tx.at)
    # The file itself is swept when no other row names it; one that is still being fetched finds nowhere to go.
    tx.connection.execute(t.attachments.delete().where(t.attachments.c.message_id == message.id))
    rewritten = copies.blank(tx, message)
    conversation = with_preview(tx, tx.conversation(message.conversation_id), message, "")
    data = {"rewritten": rewritten} if rewritten else None
    tx.record("message.deleted", CUSTOMER, conversation=conversation, message_id=message.id, data=data)
    return True


def came_first(tx: Tx, key: tuple[str, str, str]) -> bool:
    """Was this message, which is just coming, taken back before? Nothing remembers it afterwards but the message."""
    if key not in tx.taken_back:
        return False
    e = t.early_deletions.c
    one = (e.channel == key[0], e.account == key[1], e.external_id == key[2])
    tx.connection.execute(t.early_deletions.delete().where(*one))
    tx.taken_back.discard(key)
    return True


def _remember(tx: Tx, key: tuple[str, str, str]) -> bool:
    if key in tx.taken_back:
        return False
    e, row = t.early_deletions.c, dict(zip(("channel", "account", "external_id"), key, strict=True))
    newest: int = tx.connection.scalar(t.early_deletions.insert().values(**row, at=tx.at).returning(e.id)) or 0
    too_old = (e.at < tx.at - REMEMBERED_MS) | (e.id <= newest - MOST_REMEMBERED)
    tx.connection.execute(t.early_deletions.delete().where(too_old))
    tx.taken_back.add(key)
    return True
