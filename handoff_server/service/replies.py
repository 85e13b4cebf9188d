"""What agents write: answers to the customer and notes among themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Conversation, may_speak
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service import canned, drafts
from handoff_server.service.agent import Agent
from handoff_server.service.attachments import enclose, named_by
from handoff_server.service.parcels import Parcel, name_of, parcels
from handoff_server.service.speech import WEB, post_later, speak, to_be_sent
from handoff_server.service.wording import written
from handoff_server.transaction import Tx


def reply(
    tx: Tx,
    agent: Agent,
    conversation_id: str,
    epoch: int,
    client_message_id: str,
    text: str,
    private: bool,
    canned_id: str | None = None,
    attachments: Sequence[str] = (),
    mentions: Sequence[str] = (),
) -> Message:
    """The agent's message, committed; the first of several, where the platform takes one file a message. Repeated with
    the same client id: the message that is already there. `canned_id`: the canned reply that it was made from;
    `mentions`: agents that a note calls."""
    words = written(text) if text or not attachments else ""
    conversation = tx.conversation(conversation_id)
    files = named_by(tx, conversation_id, agent.id, attachments)
    said = parcels(WEB if private else conversation.channel, words, files)
    if known := _known(tx, agent, conversation_id, client_message_id, private, said):
        return known
    _require_known(tx, mentions, private)
    if not private and not may_speak(conversation, "agent", agent.id, epoch):
        raise refusal(conversation, agent, epoch)
    drafts.sent(tx, agent, conversation_id, "note" if private else "reply", words)
    if canned_id:
        canned.used(tx, agent, canned_id)
    if private:
        return _note(tx, agent, conversation, client_message_id, said[0], mentions)
    return _say(tx, agent, conversation, epoch, client_message_id, said)


def _say(
    tx: Tx, agent: Agent, conversation: Conversation, epoch: int, client_message_id: str, said: Sequence[Parcel]
) -> Message:
    conversation = replace(conversation, unread=0)  # who answers has read
    messages = []
    for place, parcel in enumerate(said):
        more = {"client_message_id": name_of(client_message_id, place), "attachments": _shown(parcel)}
        conversation, message = speak(tx, conversation, agent.actor, parcel.text, epoch, **more)
        enclose(tx, message, parcel.files)
        messages.append(message)
    answered(tx, agent, conversation)
    return messages[0]


def _known(
    tx: Tx, agent: Agent, conversation_id: str, client_message_id: str, private: bool, said: Sequence[Parcel]
) -> Message | None:
    """The first of the messages that were made of this before. Refusal when the id was given to something else."""
    first = tx.message_of(agent.id, client_message_id)
    if first is None:
        return None
    rest = [tx.message_of(agent.id, name_of(client_message_id, place)) for place in range(1, len(said) + 1)]
    found = [(one.text, _ids(one.attachments)) for one in (first, *rest) if one]
    meant = [(parcel.text, [file.id for file in parcel.files]) for parcel in said]
    if (first.conversation_id, first.private) != (conversation_id, private) or found != meant:
        raise Refusal("idempotency_conflict", "this client_message_id was used for another message; take a new one")
    return first


def _ids(attachments: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one["id"] for one in attachments]


def _shown(parcel: Parcel) -> list[dict[str, Any]]:
    return [file.shown() for file in parcel.files]


def answered(tx: Tx, agent: Agent, conversation: Conversation) -> None:
    """The customer waits no longer. The first answer is counted from the request, whoever had it in between."""
    handoff = tx.open_handoff(conversation)
    if handoff is None or (handoff.first_reply_at is not None and handoff.waiting_since is None):
        return
    tx.save_handoff(replace(handoff, first_reply_at=handoff.first_reply_at or tx.at, waiting_since=None))
    if handoff.first_reply_at is None:
        waited = {"waited_ms": tx.at - handoff.requested_at}
        tx.record("handoff.first_reply", agent.actor, conversation=conversation, data=waited)


def retry(tx: Tx, agent: Agent, message_id: int) -> None:
    """Sends a failed message again, the agent's own or the server's, if the agent has the conversation."""
    message = tx.message_with_id(message_id)
    if message is None or message.delivery != "failed" or not _may_repeat(agent, message):
        raise Refusal("invalid_request", f"message {message_id} is no failed one of yours or ours; nothing to repeat")
    conversation = tx.conversation(message.conversation_id)
    if not may_speak(conversation, "agent", agent.id, conversation.epoch):
        raise refusal(conversation, agent, message.epoch)
    again = replace(message, delivery=to_be_sent(conversation))
    tx.update_messages([message_id], delivery=again.delivery, delivery_error=None, posted_at=None)
    post_later(tx, again)
    tx.record("message.updated", agent.actor, conversation=conversation, message_id=message_id)


def _may_repeat(agent: Agent, message: Message) -> bool:
    """A colleague's words are the colleague's, and the bot's are over when a person is there."""
    return message.author == "system" or (message.author == "agent" and message.author_id == agent.id)


def seen(tx: Tx, agent: Agent, conversation_id: str, message_id: int) -> None:
    """The agent has read the conversation up to this message. A colleague's look answers nobody."""
    conversation = tx.conversation(conversation_id)
    if conversation.assignee_id not in (None, agent.id):
        return
    if conversation.unread == 0 or message_id < conversation.last_message_id:
        return
    read = replace(conversation, unread=0)
    tx.save(read)
    tx.record("conversation.seen", agent.actor, conversation=read)


def _note(
    tx: Tx, agent: Agent, conversation: Conversation, client_message_id: str, said: Parcel, mentions: Sequence[str]
) -> Message:
    note = tx.add_message(
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        channel=conversation.channel,
        account=conversation.account,
        client_message_id=client_message_id,
        direction="outgoing",
        author="agent",
        author_id=agent.id,
        author_name=agent.name,
        text=said.text,
        attachments=_shown(said),
        private=True,
        mentions=list(mentions),
        delivery="sent",
        epoch=conversation.epoch,
    )
    enclose(tx, note, said.files)
    conversation = replace(conversation, last_message_id=note.id)
    tx.save(conversation)
    tx.record("message.sent", agent.actor, conversation=conversation, message_id=note.id)
    return note


def _require_known(tx: Tx, mentions: Sequence[str], private: bool) -> None:
    if not mentions:
        return
    if not private:
        raise Refusal("invalid_request", "mentions are for notes; the customer would read this")
    a = t.agents.c
    known = tx.connection.scalars(sa.select(a.id).where(a.id.in_(mentions), a.removed_at.is_(None))).all()
    if missing := sorted(set(mentions) - set(known)):
        raise Refusal("invalid_request", f"nobody who works here is agent {missing[0]!r}; mention somebody else")


def refusal(conversation: Conversation, agent: Agent, epoch: int) -> Refusal:
    """Why this agent may not speak there now."""
    if conversation.assignee_id == agent.id:
        return Refusal(
            "stale_epoch",
            f"conversation {conversation.id} changed hands: epoch is {conversation.epoch}, not {epoch}",
        )
    return Refusal("not_owner", f"conversation {conversation.id} is not yours; claim it before you answer")
