"""The customer's side: a session, a message, a pressed button, the wish for a person, the way back to the bot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.attachment import Card, Place, Remote
from handoff_server.conversations import Actor, Conversation
from handoff_server.masking import mask_cards
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service import attachments, cases, contacts, deletion, desk, revisions
from handoff_server.service.calls import call_person
from handoff_server.service.choices import chosen
from handoff_server.service.keywords import means
from handoff_server.service.leaving import choice_of, choose
from handoff_server.service.speech import with_last
from handoff_server.service.wording import kept, storable
from handoff_server.texts import LANGUAGES, say
from handoff_server.transaction import Tx, new_id

CUSTOMER = Actor("customer")


Command = Literal["start", "human"]  # what menus and first buttons of platforms mean, whatever is written on them
PAYLOADS = {"start": "/greet"}
# A platform repeats for a week at most: what claims to be older comes from a clock that is wrong.
LATEST_MS = 7 * 24 * 60 * 60 * 1000


@dataclass(frozen=True)
class IncomingMessage:
    """What a channel hands over. `external_id` is unique for the channel's account: it makes repetition harmless."""

    conversation_id: str
    external_id: str
    text: str
    button_id: str | None = None
    client_message_id: str | None = None
    wait_ms: int = 0  # how long the bot waits for more of the same need
    command: Command | None = None
    said_at: int | None = None
    quoted: str | None = None
    edited_at: int | None = None
    overheard: bool = False
    attachments: Sequence[str] = ()  # ids of what the customer has uploaded
    brought: Sequence[Remote | Place | Card] = ()  # what a platform says came with it

    @property
    def words(self) -> str:
        """What a message with a file does not need."""
        return kept(self.text) if self.text.strip() or not (self.attachments or self.brought) else ""


@dataclass(frozen=True)
class Arrival:
    """A customer's message as a messaging platform tells it. `contact` is the customer's id there."""

    channel: str
    account: str
    contact: str
    name: str | None
    external_id: str
    text: str  # with a file: what is written under it, perhaps nothing
    button_id: str | None = None
    attachments: tuple[Remote | Place | Card, ...] = ()
    kind: str = "text"  # the platform's word
    address: str | None = None  # where to write to, if not to `contact`: a phone, which may pass to somebody else
    language: str | None = None  # of the customer's app
    command: Command | None = None
    said_at: int | None = None  # ms, by the platform's clock
    quoted: str | None = None  # the external id of the message that this one answers
    edited_at: int | None = None  # the text of a message that may be known already was changed then
    overheard: bool = False  # another application answers this customer now; we only listen
    referral: dict[str, str] | None = None  # what led the customer here: an advertisement, a link, a story

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.account, storable(self.external_id)


def open_conversation(
    tx: Tx,
    channel: str,
    account: str,
    language: str,
    contact: str | None = None,
    name: str | None = None,
    address: str | None = None,
) -> Conversation:
    """A new customer on this channel account. Nobody sees the conversation before its first message."""
    fresh = Conversation(
        id=new_id("c"),
        customer_id=new_id("p"),
        customer_name=name,
        channel=channel,
        account=account,
        external_id=contact or new_id("x"),
        address=address,
        language=language if language in LANGUAGES else LANGUAGES[0],
        created_at=tx.at,
        updated_at=tx.at,
    )
    tx.add_conversation(fresh)
    return fresh


def arrive(tx: Tx, arrival: Arrival, gather_ms: int) -> Message:
    """Commits what a platform delivers. Nothing of it is refused: nobody could tell the customer."""
    if known := tx.message_with(*arrival.key):
        return revisions.edit(tx, known, arrival.text, arrival.edited_at) if arrival.edited_at else known
    contact, address = storable(arrival.contact), storable(arrival.address) if arrival.address else None
    place = (arrival.channel, arrival.account)
    conversation = contacts.known(tx, place, contact, address) or _first_met(tx, arrival, contact, address)
    conversation = contacts.set_gone(tx, conversation, gone=False)
    incoming = IncomingMessage(
        conversation.id,
        arrival.key[2],
        arrival.text,
        _meant(tx, conversation, arrival),
        wait_ms=gather_ms,
        command=arrival.command,
        said_at=arrival.said_at,
        quoted=arrival.quoted,
        edited_at=arrival.edited_at,
        overheard=arrival.overheard,
        brought=arrival.attachments,
    )
    message = _receive(tx, conversation, incoming)
    if arrival.referral:
        told = {name: kept(value)[:200] for name, value in arrival.referral.items()}
        tx.record("conversation.referred", CUSTOMER, conversation=tx.conversation(conversation.id), data=told)
    return message


def take(tx: Tx, arrival: Arrival, gather_ms: int) -> bool:
    """As `arrive`; whether that changed anything."""
    before = tx.message_with(*arrival.key)
    return arrive(tx, arrival, gather_ms) is not before


def _first_met(tx: Tx, arrival: Arrival, contact: str, address: str | None) -> Conversation:
    name = mask_cards(storable(arrival.name or "")) or None
    language = (arrival.language or LANGUAGES[0])[:2]
    if address:
        contacts.free_address(tx, (arrival.channel, arrival.account), address)
    return open_conversation(tx, arrival.channel, arrival.account, language, contact, name, address)


def _meant(tx: Tx, conversation: Conversation, arrival: Arrival) -> str | None:
    """The button that was pressed, or whose number or title was typed; None: the words are just words."""
    button_id = arrival.button_id
    if button_id is None and not arrival.command and not means("human_words", arrival.text):
        button_id = chosen(arrival.text, tx.message_with_id(conversation.last_message_id))
    return button_id if button_id and _offered(tx, conversation.id, button_id) else None


def receive(tx: Tx, incoming: IncomingMessage) -> Message:
    """Commits a customer's message and, while the bot owns, its turn. Repeated: the message that is already there."""
    return _receive(tx, tx.conversation(incoming.conversation_id), incoming)


def _receive(tx: Tx, conversation: Conversation, incoming: IncomingMessage) -> Message:
    if known := _known(tx, conversation, incoming.external_id):
        _must_be_the_same(tx, known, incoming)
        return known
    if deletion.came_first(tx, (conversation.channel, conversation.account, incoming.external_id)):
        return _hear_nothing(tx, conversation, incoming)
    text, payload = _press(tx, incoming) if incoming.button_id else _words(incoming)
    choice = choice_of(text, payload) if conversation.owner == "queue" else None
    calls = payload is None and (incoming.command == "human" or means("human_words", text))
    if conversation.blocked_at is None:
        conversation = cases.wanted(tx, conversation) if calls else cases.heard(tx, conversation)
    heard, message = _hear(tx, conversation, incoming, text, payload)
    if heard.blocked_at is not None or incoming.overheard:  # kept, and nobody is called
        return message
    if choice:
        choose(tx, heard, choice)
    elif heard.owner != "bot":
        tx.hints += [message] if text else []
    elif calls:
        call_person(tx, heard, message, "human_word")
    else:
        turn = {"conversation_id": heard.id, "message_id": message.id, "gather_ms": incoming.wait_ms}
        tx.add_job("bot_turn", heard.id, turn, incoming.wait_ms)
    return message


def ask_human(tx: Tx, conversation_id: str, external_id: str, client_message_id: str | None) -> None:
    """The control that is always there. It needs no bot; asked again, nothing more happens."""
    conversation = tx.conversation(conversation_id)
    if _known(tx, conversation, external_id) or conversation.owner != "bot" or conversation.blocked_at is not None:
        return
    text = say(conversation.language, "ask_human")
    incoming = IncomingMessage(conversation_id, external_id, text, client_message_id=client_message_id)
    heard, message = _hear(tx, cases.wanted(tx, conversation), incoming, text, None)
    call_person(tx, heard, message, "human_control")


def choose_language(tx: Tx, conversation_id: str, language: str) -> Conversation:
    if language not in LANGUAGES:
        raise Refusal("invalid_request", f"language {language[:10]!r} is not one of {', '.join(LANGUAGES)}")
    conversation = replace(tx.conversation(conversation_id), language=language)
    tx.save(conversation)
    tx.record("conversation.language", CUSTOMER, conversation=conversation, data={"language": language})
    return conversation


def mark(tx: Tx, conversation_id: str, delivery: str, up_to: int) -> None:
    """The customer's device has (`delivered`) or the customer saw (`read`) everything up to this message."""
    earlier = {"delivered": ("sent",), "read": ("sent", "delivered")}[delivery]
    m = t.messages.c
    newly = tx.messages(
        m.conversation_id == conversation_id,
        m.direction == "outgoing",
        m.id <= up_to,
        m.delivery.in_(earlier),
    )
    if not newly:
        return
    tx.update_messages([message.id for message in newly], delivery=delivery)
    conversation = tx.conversation(conversation_id)
    for message in newly:
        tx.record("message.updated", CUSTOMER, conversation=conversation, message_id=message.id)


def _known(tx: Tx, conversation: Conversation, external_id: str) -> Message | None:
    return tx.message_with(conversation.channel, conversation.account, external_id)


def _hear(
    tx: Tx, conversation: Conversation, incoming: IncomingMessage, text: str, payload: str | None
) -> tuple[Conversation, Message]:
    files = attachments.named_by(tx, conversation.id, None, incoming.attachments)
    shown = [file.shown() for file in files] or attachments.told(incoming.brought)
    message = _log(tx, conversation, incoming, text, payload, shown)
    attachments.enclose(tx, message, files)
    attachments.expect(tx, message, incoming.brought)
    waits = conversation.owner != "bot" and conversation.blocked_at is None
    heard = with_last(tx, conversation, message, unread=conversation.unread + waits, **_noted(tx, incoming, message))
    tx.record("message.received", CUSTOMER, conversation=heard, message_id=message.id)
    if conversation.owner == "agent" and waits:
        heard = _ring(tx, heard)
    return heard, message


def _hear_nothing(tx: Tx, conversation: Conversation, incoming: IncomingMessage) -> Message:
    """It was taken back before it came: that it was there is all that is kept, and nobody is called."""
    message = _log(tx, conversation, incoming, "", None, [], deleted_at=tx.at)
    heard = with_last(tx, conversation, message, **_noted(tx, incoming, message))
    tx.record("message.received", CUSTOMER, conversation=heard, message_id=message.id)
    return message


def _ring(tx: Tx, conversation: Conversation) -> Conversation:
    """The agent is to see it, asleep or not; after the first answer the next one is waited for from now."""
    handoff = tx.open_handoff(conversation)
    if handoff and handoff.first_reply_at is not None and handoff.waiting_since is None:
        tx.save_handoff(replace(handoff, waiting_since=tx.at))
    return desk.wake(tx, conversation.id, CUSTOMER)


def _noted(tx: Tx, incoming: IncomingMessage, message: Message) -> dict[str, int]:
    """Reply windows run from the platform's time. What somebody else answers is not left for the bot."""
    said_at = incoming.said_at
    heard_at = said_at if said_at is not None and tx.at - LATEST_MS <= said_at <= tx.at else tx.at
    return {"heard_at": max(heard_at, tx.conversation(message.conversation_id).heard_at or 0)} | (
        {"turned_id": message.id} if incoming.overheard else {}
    )


def _words(incoming: IncomingMessage) -> tuple[str, str | None]:
    return incoming.words, PAYLOADS.get(incoming.command or "")


def _press(tx: Tx, incoming: IncomingMessage) -> tuple[str, str]:
    """Title and payload of a button that was offered in this conversation; each can be pressed once."""
    found = _offered(tx, incoming.conversation_id, incoming.button_id or "")
    if found is None:
        raise Refusal("invalid_request", "that button was not offered here or has been used; write instead")
    tx.connection.execute(t.buttons.update().where(t.buttons.c.id == incoming.button_id).values(used_at=tx.at))
    return found


def _must_be_the_same(tx: Tx, known: Message, incoming: IncomingMessage) -> None:
    """A platform's ids are its own affair. Who makes the id himself must not make it twice."""
    if incoming.client_message_id is None:
        return
    b = t.buttons.c
    theirs = sa.select(b.payload).where(b.id == incoming.button_id, b.conversation_id == incoming.conversation_id)
    meant = tx.connection.scalar(theirs) if incoming.button_id else None
    if known.payload != meant or (not incoming.button_id and _other_words(known, incoming)):
        raise Refusal("idempotency_conflict", "this client_message_id was used for another message; take a new one")


def _other_words(known: Message, incoming: IncomingMessage) -> bool:
    return known.text != incoming.words or [one.get("id") for one in known.attachments] != list(incoming.attachments)


def _offered(tx: Tx, conversation_id: str, button_id: str) -> tuple[str, str] | None:
    b = t.buttons.c
    mine = (b.id == button_id, b.conversation_id == conversation_id, b.used_at.is_(None))
    row = tx.connection.execute(sa.select(b.title, b.payload).where(*mine)).first()
    return (row.title, row.payload) if row else None


def _log(
    tx: Tx,
    conversation: Conversation,
    incoming: IncomingMessage,
    text: str,
    payload: str | None,
    shown: list[dict[str, Any]],
    deleted_at: int | None = None,
) -> Message:
    return tx.add_message(
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        channel=conversation.channel,
        account=conversation.account,
        external_id=incoming.external_id,
        client_message_id=incoming.client_message_id,
        direction="incoming",
        author="customer",
        author_name=conversation.customer_name,
        text=text,
        payload=payload,
        attachments=shown,
        reply_to=_quoted(tx, conversation, incoming.quoted),
        edited_at=incoming.edited_at,
        deleted_at=deleted_at,
        delivery="delivered",
        epoch=conversation.epoch,
        stretch=conversation.stretch if conversation.owner == "bot" else None,
    )


def _quoted(tx: Tx, conversation: Conversation, external_id: str | None) -> int | None:
    quoted = tx.message_with(conversation.channel, conversation.account, storable(external_id)) if external_id else None
    return quoted.id if quoted and quoted.conversation_id == conversation.id else None
