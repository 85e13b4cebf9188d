"""The bot's side: a turn begins, is answered, or fails. What may have reached Rasa is never given to it again."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.contract import VERSION
from handoff_server.conversations import (
    MAX_STRETCH_TURNS,
    Actor,
    Conversation,
    must_disclose,
    next_stretch,
    stretch_is_over,
)
from handoff_server.job import Job
from handoff_server.masking import mask_all
from handoff_server.message import Message
from handoff_server.service import calls, cases, copies, handoffs, identities, surveys
from handoff_server.service.calls import hand_over
from handoff_server.service.leaving import for_the_bot
from handoff_server.service.speech import WEB, announce, offer, speak
from handoff_server.service.wording import for_assistant
from handoff_server.transaction import Tx, new_id

BOT = Actor("bot")
CUSTOMER = Actor("customer")
MAX_TEXT = 4_000
MAX_GATHER_MS = 5_000
# A slash behind whatever keyboards and hostile people put before it: white space, signs that nobody sees.
_COMMAND = re.compile(r"^[/\uff0f\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
SETTLED_MS = 7 * 24 * 60 * 60 * 1000  # after a week, what was settled is history and no greeting mentions it


@dataclass(frozen=True)
class Begun:
    """The request to post to Rasa; `turn_id` must be answered or failed afterwards."""

    turn_id: str
    request: dict[str, Any]
    conversation: Conversation
    heard: Message | None  # the last message that the turn takes up; None: the hub itself tells the bot something


def begin(tx: Tx, job: Job, deadline_ms: int) -> Begun | None:
    """Takes what the customer has said since the last turn as one turn; None when the bot has nothing to answer yet.

    The job ends here, in the same commit that says the turn was posted: after a crash it is not posted a second time.
    """
    tx.finish_job(job.id)
    conversation = tx.conversation(job.payload["conversation_id"])
    if event := job.payload.get("payload"):
        return _begin_event(tx, conversation, event, job.payload["epoch"], deadline_ms)
    said = _unanswered(tx, conversation)
    if conversation.owner != "bot" or not said or _more_is_coming(tx, job, said):
        return None
    together = _one_need(said)
    if len(together) < len(said):
        tx.add_job("bot_turn", conversation.id, {"conversation_id": conversation.id})  # the button behind them
    asked = conversation.stretch_turns >= MAX_STRETCH_TURNS and _asked(tx, conversation)
    if stretch_is_over(conversation, tx.at, asked):
        conversation = next_stretch(conversation)
    turn_id = new_id("t")
    pressed = for_the_bot(together[0].payload)
    words = heard(together)
    what = {"payload": pressed} if pressed else {"text": typed(words)}
    request = _request(tx, conversation, turn_id, what) | {"deadline_ms": deadline_ms}
    _post(tx, conversation, turn_id, together)
    return Begun(turn_id, request, conversation, together[-1])


def _begin_event(tx: Tx, conversation: Conversation, event: str, epoch: int, deadline_ms: int) -> Begun | None:
    """What the hub tells the bot. Whoever has written meanwhile is answered instead."""
    changed = conversation.owner != "bot" or conversation.epoch != epoch or conversation.blocked_at is not None
    if changed or _unanswered(tx, conversation):
        _event_ended(tx, conversation, event, said=False)
        return None
    if stretch_is_over(conversation, tx.at):
        conversation = next_stretch(conversation)
    turn_id = new_id("t")
    request = _request(tx, conversation, turn_id, {"payload": event}) | {"deadline_ms": deadline_ms}
    _post(tx, conversation, turn_id, [], event)
    return Begun(turn_id, request, conversation, None)


def finish(tx: Tx, turn_id: str, response: dict[str, Any]) -> None:
    """The bot's answer: said if the bot still owns (the send door decides); its report stays with the words."""
    turn = tx.turn(turn_id)
    if turn is None or turn.state != "posted":
        return
    report = response["report"]
    report = report | {name: mask_all(report[name]) for name in ("entities", "slots", "decision")}
    conversation = tx.conversation(turn.conversation_id)
    if handoffs.taken_back(tx, turn_id):
        report = copies.untold(report, conversation.carried)
    tx.end_turn(turn_id, "answered", report=report)
    heard = _keep_understanding(tx, conversation, turn_id, report)
    conversation = cases.understood(tx, conversation, turn_id, report)
    conversation = identities.recognise(tx, conversation, report["slots"])
    handoffs.enrich(tx, turn_id, report)
    if conversation.epoch == turn.epoch and response["messages"]:
        conversation = replace(conversation, language=report["language"], carried=report["slots"], form=report["form"])
        tx.save(conversation)
        conversation = _disclose(tx, conversation)
    for said in response["messages"]:
        conversation = _say(tx, conversation, turn, said)
    told = conversation.epoch == turn.epoch and bool(response["messages"])
    if turn.event:
        _event_ended(tx, conversation, turn.event, told)
        return
    if conversation.epoch != turn.epoch:
        return
    if not told:
        hand_over(tx, conversation, "empty_answer", turn_id)
        return
    cases.answered(tx, conversation, heard)
    if report.get("case") == "solved" and not _unanswered(tx, conversation):
        _confirm(tx, conversation)  # whoever has written on since then still needs something


def _confirm(tx: Tx, conversation: Conversation) -> None:
    """The customer's yes closes the case, and what the bot did is judged."""
    closed = cases.close(tx, conversation, "confirmed", CUSTOMER)
    if conversation.case_id and closed.closed_case_id:
        surveys.ask(tx, closed, surveys.Survey(closed.closed_case_id, "bot"))


def fail(tx: Tx, turn_id: str, why: str) -> None:
    """The turn is late, broken or without its report: its stretch is abandoned, customer and people hear of it."""
    turn = tx.turn(turn_id)
    if turn is None or turn.state != "posted":
        return
    tx.end_turn(turn_id, "failed", error=why)
    conversation = tx.conversation(turn.conversation_id)
    if turn.event:  # the customer has not asked anything, and hears nothing of it
        tx.save_quietly(next_stretch(conversation))
        _event_ended(tx, tx.conversation(conversation.id), turn.event, said=False)
    elif conversation.epoch == turn.epoch:
        hand_over(tx, next_stretch(conversation), why, turn_id)


def _event_ended(tx: Tx, conversation: Conversation, event: str, said: bool) -> None:
    surveys.event_ended(tx, conversation, event, said)
    calls.event_ended(tx, conversation, event, said)


def abandon(tx: Tx, job: Job) -> None:
    """The turn could not even be begun: people get what the customer said."""
    conversation = tx.conversation(job.payload["conversation_id"])
    if event := job.payload.get("payload"):
        _event_ended(tx, conversation, event, said=False)
    elif conversation.owner == "bot":
        hand_over(tx, conversation, "turn_not_begun")


def leave_stretch(tx: Tx, conversation_id: str, stretch: int) -> bool:
    """Whether nothing needs the tracker of that stretch any more. One that only waits for the customer's next words is
    ended: a form that is being filled in is not, nor a question with buttons, until the customer has gone."""
    conversation = tx.conversation(conversation_id)
    u = t.turns.c
    mine = (u.conversation_id == conversation_id, u.stretch == stretch, u.state == "posted")
    if tx.connection.scalar(sa.select(u.id).where(*mine).limit(1)):
        return False
    if conversation.stretch > stretch:
        return True
    waits = conversation.form is not None or _asked(tx, conversation)
    if waits and not stretch_is_over(conversation, tx.at, asked=True):
        return False
    tx.save_quietly(next_stretch(conversation))
    return True


def interrupted(tx: Tx) -> int:
    """After a restart: turns that were under way. Nobody knows whether Rasa saw them, so they have failed."""
    open_turns = tx.connection.scalars(sa.select(t.turns.c.id).where(t.turns.c.state == "posted")).all()
    for turn_id in open_turns:
        fail(tx, turn_id, "interrupted")
    return len(open_turns)


def understand(tx: Tx, message_id: int, understanding: dict[str, Any]) -> None:
    """What Rasa makes of a message that a person will answer: help for the agent, never a condition."""
    message = tx.message_with_id(message_id)
    if message is None or message.deleted_at is not None:
        return
    tx.update_messages([message_id], understanding=understanding)
    conversation = tx.conversation(message.conversation_id)
    tx.record("message.updated", BOT, conversation=conversation, message_id=message_id)


def _unanswered(tx: Tx, conversation: Conversation) -> list[Message]:
    """What the customer took back was not said."""
    m = t.messages.c
    theirs = (m.conversation_id == conversation.id, m.direction == "incoming", m.deleted_at.is_(None))
    return tx.messages(*theirs, m.id > conversation.turned_id)


def _asked(tx: Tx, conversation: Conversation) -> bool:
    """Do the bot's last words stand there with buttons?"""
    m = t.messages.c
    last = tx.messages(m.conversation_id == conversation.id, m.author == "bot", limit=1)
    return bool(last and last[0].buttons)


def _more_is_coming(tx: Tx, job: Job, said: list[Message]) -> bool:
    """People write one need in several messages. The newest one's job takes them all, unless that lasts too long."""
    newest, gather_ms = said[-1], job.payload.get("gather_ms", 0)
    later = newest.id > job.payload.get("message_id", newest.id)
    return later and tx.at - newest.created_at < gather_ms and tx.at - said[0].created_at < MAX_GATHER_MS


def _one_need(said: list[Message]) -> list[Message]:
    """A pressed button is a turn of its own; typed messages up to the next button belong together."""
    if said[0].payload:
        return said[:1]
    until = next((place for place, message in enumerate(said) if message.payload), len(said))
    return said[:until]


def _request(tx: Tx, conversation: Conversation, turn_id: str, what: dict[str, str]) -> dict[str, Any]:
    request: dict[str, Any] = {
        "version": VERSION,
        "sender": f"{conversation.id}.{conversation.stretch}",
        "turn_id": turn_id,
        "language": conversation.language,
    }
    if source := _source(tx, conversation):
        request["source"] = source
    request |= what
    if conversation.stretch_turns == 0:
        request["seed"] = _seed(tx, conversation)
    return request


def _source(tx: Tx, conversation: Conversation) -> str | None:
    """Who asks, for limits that no new conversation resets: on the web the address, elsewhere the contact; hashed."""
    if conversation.channel != WEB:  # one conversation for each contact, for good; the number itself would be guessed
        return hashlib.sha256(conversation.id.encode()).hexdigest()
    w = t.widget_sessions.c
    newest = sa.select(w.source).where(w.conversation_id == conversation.id).order_by(w.created_at.desc()).limit(1)
    return tx.connection.scalar(newest)


def heard(said: Sequence[Message]) -> str:
    """What the bot gets of these messages as one."""
    words = "\n".join(message.text for message in said if message.text)
    return for_assistant(words, [one for message in said for one in message.attachments])


def typed(text: str) -> str:
    """What a person typed is never a command: Rasa takes a leading slash for one, behind any white space."""
    return _COMMAND.sub("", text)[:MAX_TEXT] or "…"


def _seed(tx: Tx, conversation: Conversation) -> dict[str, Any]:
    settled = conversation.settled
    return {
        "language": conversation.language,
        "customer": {"name": conversation.customer_name},
        "slots": conversation.carried,
        "settled": settled if settled and tx.at - settled["at"] < SETTLED_MS else None,
        "survey": surveys.unanswered(tx, conversation.id),
    }


def _post(tx: Tx, conversation: Conversation, turn_id: str, said: list[Message], event: str | None = None) -> None:
    posted = {"id": turn_id, "conversation_id": conversation.id, "stretch": conversation.stretch, "event": event}
    tx.connection.execute(t.turns.insert().values(**posted, epoch=conversation.epoch, state="posted", posted_at=tx.at))
    tx.update_messages([message.id for message in said], turn_id=turn_id, stretch=conversation.stretch)
    for message in said:
        if message.stretch != conversation.stretch:  # a new stretch begins with it, and consoles show that
            tx.record("message.updated", BOT, conversation=conversation, message_id=message.id)
    turns = conversation.stretch_turns + 1
    turned_id = said[-1].id if said else conversation.turned_id
    tx.save_quietly(replace(conversation, turned_id=turned_id, stretch_turns=turns, stretch_at=tx.at))


def _keep_understanding(tx: Tx, conversation: Conversation, turn_id: str, report: dict[str, Any]) -> list[Message]:
    """What the customer said in this turn."""
    kept = {name: report[name] for name in ("intent", "intent_ranking", "entities", "sentiment")}
    m = t.messages.c
    said = tx.messages(m.turn_id == turn_id, m.direction == "incoming", m.deleted_at.is_(None))
    tx.update_messages([message.id for message in said], understanding=kept)
    for message in said:
        tx.record("message.updated", BOT, conversation=conversation, message_id=message.id)
    return said


def _disclose(tx: Tx, conversation: Conversation) -> Conversation:
    """Before the bot's first words, in the language that the customer turned out to speak."""
    if not must_disclose(conversation, tx.at):
        return conversation
    return announce(tx, replace(conversation, disclosed_at=tx.at), "disclosure")


def _say(tx: Tx, conversation: Conversation, turn: Any, said: dict[str, Any]) -> Conversation:
    conversation, message = speak(
        tx,
        conversation,
        BOT,
        said["text"],
        turn.epoch,
        turn_id=turn.id,
        stretch=turn.stretch,
        response=said.get("response"),
    )
    if message.delivery != "suppressed":
        offer(tx, message, said["buttons"])
    return conversation
