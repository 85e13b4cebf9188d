"""What leaves for a messaging platform. A message is posted again only if the platform surely did not take it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from handoff_server import tables as t
from handoff_server.attachment import Enclosed
from handoff_server.conversations import SYSTEM, Conversation, may_still_go
from handoff_server.job import Job
from handoff_server.message import Message
from handoff_server.rendering import LINES_ONLY, Form, Limits, form_of, numbered
from handoff_server.service import attachments, contacts, surveys
from handoff_server.service.attachments import Attachment
from handoff_server.service.calls import hand_over
from handoff_server.service.wording import storable
from handoff_server.texts import LANGUAGES
from handoff_server.transaction import Tx
from handoff_server.windows import Way, Window, way, window

# Platforms report out of order; what is further on is not taken back. `failed` may still come after `sent`, and what
# was given up as unclear may turn out to have arrived.
_MOVES = {
    "sent": ("pending", "failed"),
    "delivered": ("pending", "failed", "sent"),
    "read": ("pending", "failed", "sent", "delivered"),
    "failed": ("pending", "sent"),
}

NO_LIMITS: Mapping[str, Limits] = MappingProxyType({})


@dataclass(frozen=True)
class Outgoing:
    """A message that is about to be posted. `to` is the customer's id on the platform; `posted_at` names this try."""

    message_id: int
    posted_at: int
    channel: str
    account: str
    to: str
    text: str
    buttons: list[dict[str, str]]
    language: str = LANGUAGES[0]
    attachments: tuple[Enclosed, ...] = ()  # at most one; `text` is then what is written under it
    form: Form = "buttons"  # of the buttons; of `lines` each has its `number`
    way: Way = "free"
    template: dict[str, Any] | None = None  # name, language, values; `text` is what it says


@dataclass(frozen=True)
class DeliveryReport:
    """What a platform says of a message of ours, known by our own id or by the platform's; and of which try."""

    channel: str
    account: str
    external_id: str
    message_id: int | None
    delivery: str  # sent, delivered, read or failed
    error: str | None = None
    posted_at: int | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.account, storable(self.external_id)


@dataclass(frozen=True)
class Watermark:
    """The customer has everything (`delivered`), or saw it (`read`), that was posted until then."""

    channel: str
    account: str
    contact: str
    delivery: str
    until: int  # ms, by the platform's clock


def begin(
    tx: Tx,
    job_id: int,
    message_id: int,
    enclosed: Callable[[Attachment], Enclosed] | None = None,
    limits: Mapping[str, Limits] = NO_LIMITS,
) -> Outgoing | str | None:
    """The message to post now, noted as posted in this very commit; None when nothing is to be done any more.
    `enclosed` knows where files lie.

    "unclear" when it was posted before and nobody knows what became of it: the hub died in between.
    `limits` are the channels': the numbers that its customers see are kept, so that they are understood.
    """
    message = tx.message_with_id(message_id)
    if message is None or message.delivery != "pending":
        tx.finish_job(job_id)
        return None
    if message.posted_at is not None:
        return "unclear"
    conversation = tx.conversation(message.conversation_id)
    if not may_still_go(conversation, message.author, message.epoch):
        tx.finish_job(job_id)
        _move(tx, message, conversation, "suppressed")
        return None
    how = way(_window(conversation), message.author, message.template is not None, tx.at)
    if how is None:
        tx.finish_job(job_id)
        _fail(tx, message, "contact_gone" if conversation.gone_at is not None else "window_closed")
        return None
    form = form_of(message.text, message.buttons, limits.get(message.channel, LINES_ONLY))
    buttons = numbered(message.buttons) if form == "lines" else message.buttons
    tx.update_messages([message_id], posted_at=tx.at, **({"buttons": buttons} if form == "lines" and buttons else {}))
    files = attachments.of_message(tx.connection, message_id) if message.attachments and enclosed else []
    to = conversation.address or conversation.external_id
    place = (message_id, tx.at, message.channel, message.account, to)
    said = (message.text, buttons, conversation.language, tuple(enclosed(one) for one in files if enclosed))
    return Outgoing(*place, *said, form, how, message.template)


def _window(conversation: Conversation) -> Window | None:
    return window(conversation.channel, conversation.heard_at, conversation.gone_at)


def sent(tx: Tx, job_id: int, message_id: int, external_id: str) -> None:
    """The platform took it. Its reports may have come before its answer."""
    tx.finish_job(job_id)
    message = _found(tx, message_id)
    if message.external_id is None:
        tx.update_messages([message_id], external_id=external_id)
    if message.delivery in _MOVES["sent"]:
        _move(tx, message, tx.conversation(message.conversation_id), "sent")


def not_taken(tx: Tx, message_id: int) -> None:
    """The platform surely did not take it: it may be posted again."""
    tx.update_messages([message_id], posted_at=None)


def unclear(tx: Tx, job_id: int, message_id: int, wait_ms: int) -> None:
    """It may have arrived. It is not posted again; the platform's own report has some time to tell."""
    tx.finish_job(job_id)
    posted = {"message_id": message_id, "posted_at": _found(tx, message_id).posted_at}
    tx.add_job("unclear", f"unclear:{message_id}", posted, wait_ms)


def abandon(tx: Tx, job: Job) -> None:
    give_up(tx, job.id, job.payload["message_id"], "internal")


def give_up(tx: Tx, job_id: int, message_id: int, why: str) -> None:
    """It will not arrive, as far as one can know: agents see it and why. A bot's words that fail bring a person."""
    tx.finish_job(job_id)
    message = _found(tx, message_id)
    if message.delivery == "pending":
        _fail(tx, message, why)


def give_up_contact(tx: Tx, job_id: int, message_id: int, why: str) -> None:
    """The customer has blocked us, or left the platform: nobody can help, and nobody is called."""
    tx.finish_job(job_id)
    message = _found(tx, message_id)
    if message.delivery == "pending":
        conversation = contacts.set_gone(tx, tx.conversation(message.conversation_id), gone=True)
        _move(tx, message, conversation, "failed", why[:200])


def give_up_unclear(tx: Tx, job_id: int, message_id: int, posted_at: int) -> None:
    """The platform has not said a word about that post. (An agent may have had it posted again since.)"""
    tx.finish_job(job_id)
    message = _found(tx, message_id)
    if message.delivery == "pending" and message.posted_at == posted_at:
        _fail(tx, message, "unclear")


def report(tx: Tx, told: DeliveryReport) -> bool:
    """The platform's report moves the delivery forward; False when it is about no message of ours."""
    message = _reported(tx, told)
    if message is None or message.direction != "outgoing":
        return False
    if message.external_id is None:
        tx.update_messages([message.id], external_id=told.key[2])
    if message.delivery not in _MOVES[told.delivery] or _is_of_another_try(message, told):
        return True
    if told.delivery == "failed":
        _fail(tx, message, told.error or "failed")
    else:
        _move(tx, message, tx.conversation(message.conversation_id), told.delivery)
    return True


def report_until(tx: Tx, told: Watermark) -> bool:
    """Moves all that was posted until then. Whether anything moved."""
    conversation = tx.conversation_with(told.channel, told.account, storable(told.contact))
    if conversation is None:
        return False
    m = t.messages.c
    earlier = [one for one in _MOVES[told.delivery] if one != "failed"]
    theirs = (m.conversation_id == conversation.id, m.direction == "outgoing", m.private.is_(False))
    moves = tx.messages(*theirs, m.posted_at <= told.until, m.delivery.in_(earlier))
    for message in moves:
        _move(tx, message, conversation, told.delivery)
    return bool(moves)


def _is_of_another_try(message: Message, told: DeliveryReport) -> bool:
    """An agent has had it sent again since: that the first try failed, told once more, says nothing of this one."""
    return told.delivery == "failed" and told.posted_at not in (None, message.posted_at)


def _reported(tx: Tx, told: DeliveryReport) -> Message | None:
    if found := tx.message_with(*told.key):
        return found
    ours = tx.message_with_id(told.message_id) if told.message_id is not None else None
    return ours if ours and (ours.channel, ours.account) == told.key[:2] else None


def _fail(tx: Tx, message: Message, why: str) -> None:
    conversation = tx.conversation(message.conversation_id)
    if conversation.gone_at is not None:  # a person would not be heard either
        _move(tx, message, conversation, "failed", why[:200])
        return
    _move(tx, message, conversation, "failed", why[:200])
    ours = message.author == "bot" and conversation.owner == "bot" and conversation.epoch == message.epoch
    if ours and not _is_of_a_survey(tx, message):
        hand_over(tx, conversation, f"not_delivered:{why[:150]}")


def _is_of_a_survey(tx: Tx, message: Message) -> bool:
    """A question that nobody waits for: people need not hear that it did not arrive."""
    turn = tx.turn(message.turn_id) if message.turn_id else None
    return turn is not None and (turn.event or "").startswith(f"/{surveys.EVENT}")


def _move(tx: Tx, message: Message, conversation: Conversation, delivery: str, error: str | None = None) -> None:
    tx.update_messages([message.id], delivery=delivery, delivery_error=error)
    tx.record("message.updated", SYSTEM, conversation=conversation, message_id=message.id)


def _found(tx: Tx, message_id: int) -> Message:
    message = tx.message_with_id(message_id)
    if message is None:
        raise LookupError(f"there is no message {message_id}")
    return message
