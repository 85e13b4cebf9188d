"""Words on their way to the customer: every one of them passes the send door here."""

from dataclasses import replace
from typing import Any

from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor, Author, Conversation, may_speak
from handoff_server.message import Message
from handoff_server.service.wording import in_words
from handoff_server.texts import say
from handoff_server.transaction import Tx, new_id

PREVIEW = 140
WEB = "web"


def speak(
    tx: Tx,
    conversation: Conversation,
    author: Actor,
    text: str,
    epoch: int,
    **more: Any,
) -> tuple[Conversation, Message]:
    """Puts an outgoing message into the log: for sending if the door lets it pass, else as `suppressed`.

    The web channel's log is the customer's mailbox, so what is committed there is `sent`. To a platform it is `pending`
    until the job that is committed with it has posted it.
    """
    passes = may_speak(conversation, author.kind, author.id, epoch)
    message = tx.add_message(
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        channel=conversation.channel,
        account=conversation.account,
        direction="outgoing",
        author=author.kind,
        author_id=author.id,
        author_name=author.name,
        text=text,
        epoch=epoch,
        delivery=to_be_sent(conversation) if passes else "suppressed",
        **more,
    )
    if passes:
        conversation = with_last(tx, conversation, message)
        post_later(tx, message)
    tx.record("message.sent", author, conversation=conversation, message_id=message.id)
    return conversation, message


def to_be_sent(conversation: Conversation) -> str:
    return "sent" if conversation.channel == WEB else "pending"


def post_later(tx: Tx, message: Message) -> None:
    """A message that waits for its platform: one lane for each conversation keeps the order of the log."""
    if message.delivery == "pending":
        tx.add_job("send", f"send:{message.conversation_id}", {"message_id": message.id})


def announce(tx: Tx, conversation: Conversation, key: str, **values: Any) -> Conversation:
    """A line of the server's own, in the customer's language."""
    return tell(tx, conversation, say(conversation.language, key, **values))


def tell(tx: Tx, conversation: Conversation, text: str) -> Conversation:
    conversation, _message = speak(tx, conversation, SYSTEM, text, conversation.epoch)
    return conversation


def with_last(tx: Tx, conversation: Conversation, message: Message, **more: Any) -> Conversation:
    """The conversation with this message as its last one, saved."""
    author: Author = message.author  # type: ignore[assignment]  # the log holds these four only
    changed = replace(
        conversation,
        last_message_id=message.id,
        last_author=author,
        last_author_name=message.author_name,
        last_text=in_words(conversation.language, message.text, message.attachments)[:PREVIEW],
        last_at=message.created_at,
        updated_at=tx.at,
        **more,
    )
    tx.save(changed)
    return changed


def offer(tx: Tx, message: Message, buttons: list[dict[str, str]]) -> None:
    """Buttons leave as opaque ids; what they mean to the bot stays here, and only this conversation can press them."""
    offered = [{"id": new_id("b"), "title": button["title"], "payload": button["payload"]} for button in buttons]
    if not offered:
        return
    shown = [{"id": button["id"], "title": button["title"]} for button in offered]
    tx.update_messages([message.id], buttons=shown)
    rows = [button | {"conversation_id": message.conversation_id, "message_id": message.id} for button in offered]
    tx.connection.execute(t.buttons.insert(), rows)
