"""Cases: what a customer came for opens, closes with an outcome, and is opened again by the same matter.

After a case has closed, a message opens nothing yet: "gracias" is no new matter. What the turn understands decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.case import Case
from handoff_server.conversations import SYSTEM, Actor, Conversation
from handoff_server.message import Message
from handoff_server.summary import NOT_A_NEED
from handoff_server.teams import Policy
from handoff_server.texts import say
from handoff_server.transaction import Tx

BOT = Actor("bot")
CUSTOMER = Actor("customer")
MOST_CLOSED = 100  # in one round of the timekeeper
# What a summary tells as a wish, and yet names no matter of its own.
_NO_MATTER = frozenset("ask_settled case_status transcript cancel_callback complaint human_handoff".split())
_NO_NEED = NOT_A_NEED | _NO_MATTER
_UNHAPPY = ("complaint", "human_handoff")  # whatever it is about, it is not over
_ABOUT_THE_CASE = ("survey", "callback", "case_status", "transcript")  # skills that serve the case they are about


def heard(tx: Tx, conversation: Conversation) -> Conversation:
    """A customer's message: the first one opens a case at once."""
    if conversation.case_id or (conversation.closed_case_id and _turns_decide(tx.policy)):
        return conversation
    return _opened(tx, conversation)


def wanted(tx: Tx, conversation: Conversation, actor: Actor = CUSTOMER) -> Conversation:
    """People are to work on a case: the open one, the one that closed lately, else a new one."""
    if conversation.case_id:
        return conversation
    closed = _closed(tx, conversation)
    if closed and _lately(closed, tx.at, tx.policy.case_reopen_ms):
        return _reopened(tx, conversation, closed, actor)
    return _opened(tx, conversation, actor)


def understood(tx: Tx, conversation: Conversation, turn_id: str, report: Mapping[str, Any]) -> Conversation:
    """What a turn made of the customer's words: the topic of the open case, or whether there is a case again."""
    if not conversation.case_id:
        closed = _closed(tx, conversation)
        follows = what_follows(closed, report, tx.at, tx.policy.case_reopen_ms) if closed else "nothing"
        if closed is None or follows == "nothing":
            return conversation
        again = follows == "again"
        conversation = _reopened(tx, conversation, closed, CUSTOMER) if again else _opened(tx, conversation)
        _name_the_case(tx, conversation, turn_id)
    case = tx.case(conversation.case_id or "")
    if case.topic is None and (topic := need_of(report)):
        tx.save_case(replace(case, topic=topic[:60]))
        tx.record("case.topic", SYSTEM, conversation=conversation, data={"topic": topic[:60]})
    return conversation


def answered(tx: Tx, conversation: Conversation, said: Sequence[Message]) -> None:
    """The bot has answered what the customer `said`. The first answer in a case is timed from the customer's words,
    since the case itself may have been opened by this very turn."""
    if conversation.case_id is None:
        return
    case = tx.case(conversation.case_id)
    if case.answered_at is None:
        since = min([case.opened_at, *(message.created_at for message in said)])
        tx.save_case(replace(case, answered_at=tx.at))
        tx.record("case.answered", BOT, conversation=conversation, data={"waited_ms": tx.at - since})


def close(tx: Tx, conversation: Conversation, outcome: str, actor: Actor) -> Conversation:
    """The open case ends. What the bot had collected belonged to it; the next one starts clean."""
    if conversation.case_id is None:
        return conversation
    case = tx.case(conversation.case_id)
    tx.save_case(replace(case, closed_at=tx.at, outcome=outcome))
    tx.record("case.closed", actor, conversation=conversation, data={"outcome": outcome})
    closed = replace(conversation, case_id=None, closed_case_id=case.id, carried={})
    tx.save(closed)
    return closed


def key_told(tx: Tx, conversation: Conversation) -> str:
    """What is put behind a line of the server, so that the customer can quote the case."""
    key = tx.case(conversation.case_id).tracking_key if conversation.case_id else None
    return f" {say(conversation.language, 'case_key', number=key)}" if key else ""


def silent(connection: sa.Connection, at: int, policy: Policy) -> list[str]:
    """Conversations whose open case has gone without a word for too long, the longest first. A promised call is no
    silence."""
    if policy.case_silent_ms is None:
        return []
    c, b = t.conversations.c, t.callbacks.c
    promised = sa.select(b.id).where(b.conversation_id == c.id, b.due_at.is_not(None)).exists()
    left = (c.case_id.is_not(None), c.owner == "bot", c.last_at <= at - policy.case_silent_ms, ~promised)
    return list(connection.scalars(sa.select(c.id).where(*left).order_by(c.last_at).limit(MOST_CLOSED)))


def close_silent(tx: Tx, conversation_id: str) -> None:
    """Looks again whether it is still so, and closes the case: nobody said that it was solved."""
    conversation, silent_ms = tx.conversation(conversation_id), tx.policy.case_silent_ms
    if conversation.owner != "bot" or silent_ms is None or (conversation.last_at or tx.at) > tx.at - silent_ms:
        return
    close(tx, conversation, "unconfirmed", SYSTEM)


def what_follows(
    closed: Case, report: Mapping[str, Any], at: int, reopen_ms: int
) -> Literal["nothing", "again", "another"]:
    """After `closed`, by what the turn understood. Pure."""
    need = need_of(report)
    unhappy = report["intent"]["name"] in _UNHAPPY or report.get("case") == "unsolved"
    if need is None and not (unhappy and not _about_the_case(report)):
        return "nothing"
    same = unhappy or need == closed.topic
    return "again" if same and _lately(closed, at, reopen_ms) else "another"


def need_of(report: Mapping[str, Any]) -> str | None:
    """The routine need of a turn: its skill, the form that is open, or its intent; None for talk. Pure."""
    if _about_the_case(report):
        return None
    form = (report["form"] or "").removesuffix("_form")
    need: str | None = (report["skill"] or {}).get("name") or form or report["intent"]["name"]
    return None if need in _NO_NEED else need


def _about_the_case(report: Mapping[str, Any]) -> bool:
    form = (report["form"] or "").removesuffix("_form")
    return ((report["skill"] or {}).get("name") or form) in _ABOUT_THE_CASE


def _turns_decide(policy: Policy) -> bool:
    """Where a case is never opened again and nobody is asked afterwards, whatever comes is a new one."""
    return bool(policy.case_reopen_ms or policy.survey.after)


def _lately(closed: Case, at: int, reopen_ms: int) -> bool:
    return closed.closed_at is not None and at - closed.closed_at < reopen_ms


def _closed(tx: Tx, conversation: Conversation) -> Case | None:
    return tx.case(conversation.closed_case_id) if conversation.closed_case_id else None


def _opened(tx: Tx, conversation: Conversation, actor: Actor = CUSTOMER) -> Conversation:
    case = tx.open_case(conversation.id)
    opened = replace(conversation, case_id=case.id)
    tx.save(opened)
    tx.record("case.opened", actor, conversation=opened)
    return opened


def _reopened(tx: Tx, conversation: Conversation, closed: Case, actor: Actor) -> Conversation:
    again = replace(closed, closed_at=None, outcome=None, reopened=closed.reopened + 1)
    tx.save_case(again)
    opened = replace(conversation, case_id=closed.id)
    tx.save(opened)
    tx.record("case.reopened", actor, conversation=opened, data={"count": again.reopened})
    return opened


def _name_the_case(tx: Tx, conversation: Conversation, turn_id: str) -> None:
    """The words that opened it are part of it."""
    said = tx.messages(t.messages.c.turn_id == turn_id, t.messages.c.direction == "incoming")
    tx.update_messages([message.id for message in said], case_id=conversation.case_id)
