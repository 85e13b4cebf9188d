"""What customers think of it: asked in the channel when a case is resolved, never before, and not again too soon."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor, Conversation
from handoff_server.refusal import Refusal
from handoff_server.service.bot_events import tell_bot
from handoff_server.service.turn_under_way import conversation_of
from handoff_server.service.wording import kept
from handoff_server.transaction import Tx, new_id

EVENT = "handoff_resolved"
ANSWERS = ("csat", "nps", "comment")  # in the order of asking
MAX_COMMENT = 2_000
OUTLIVES_MS = 30 * 24 * 3_600_000  # so long an answer that comes too late is known for one


@dataclass(frozen=True)
class Survey:
    """`by` whose work it is about: an agent's (then `handoff_id`) or the assistant's."""

    case_id: str
    by: Literal["human", "bot"]
    handoff_id: str | None = None


def ask(tx: Tx, conversation: Conversation, survey: Survey) -> None:
    """Has the bot ask, if the policy wants that of this customer now. The case has just been closed."""
    s, policy = t.surveys.c, tx.policy.survey
    if survey.by not in policy.after:
        return
    lately = sa.and_(s.conversation_id == conversation.id, s.asked_at > tx.at - policy.pause_ms)
    if tx.connection.scalar(sa.select(s.id).where(sa.or_(lately, s.case_id == survey.case_id)).limit(1)):
        return
    row: dict[str, Any] = {"id": new_id("s"), "case_id": survey.case_id, "conversation_id": conversation.id}
    row |= {"handoff_id": survey.handoff_id, "language": conversation.language, "asked_at": tx.at}
    tx.connection.execute(t.surveys.insert().values(**row))
    tell_bot(tx, conversation, EVENT, survey=row["id"], by=survey.by)


def event_ended(tx: Tx, conversation: Conversation, event: str, said: bool) -> None:
    """What became of an event that the hub told the bot. A survey counts from the moment in which the customer is
    asked; one that was not (the customer wrote first, a person stepped in, the assistant failed) has never been."""
    name, _, slots = event.partition("{")
    if name != f"/{EVENT}":
        return
    s, survey_id = t.surveys.c, json.loads("{" + slots)["survey"]
    if not said:
        tx.connection.execute(t.surveys.delete().where(s.id == survey_id))
        return
    tx.connection.execute(t.surveys.update().where(s.id == survey_id).values(asked_at=tx.at))
    survey = tx.connection.execute(sa.select(t.surveys).where(s.id == survey_id)).one()
    _tell(tx, SYSTEM, "survey.asked", conversation, survey, {"by": "human" if survey.handoff_id else "bot"})


def answer(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    """One answer (`survey_request`), kept at once: half a survey counts. The later one replaces an earlier one, and the
    event tells both. Without a survey's id it is about the last one of the conversation."""
    conversation = conversation_of(tx, body)
    survey = _survey(tx, conversation, body["survey_id"])
    if tx.at - survey.asked_at > tx.policy.survey.open_ms:
        return {"version": 1, "status": "closed"}
    given = {name: body[name] for name in ANSWERS if body.get(name) is not None}
    if "comment" in given:
        given["comment"] = kept(given["comment"])[:MAX_COMMENT]
    before = {name: getattr(survey, name) for name in given}
    if before != given:
        changed = {**given, "answered_at": survey.answered_at or tx.at}
        tx.connection.execute(t.surveys.update().where(t.surveys.c.id == survey.id).values(**changed))
        replaced = {name: value for name, value in before.items() if value is not None}
        told = {**given, **({"before": replaced} if replaced else {})}
        _tell(tx, Actor("customer"), "survey.answered", conversation, survey, told)
    return {"version": 1, "status": "kept"}


def unanswered(tx: Tx, conversation_id: str) -> dict[str, Any] | None:
    """What the bot must know of a survey that hangs in the air: its id, and which answer is missing."""
    s = t.surveys.c
    mine = sa.select(t.surveys).where(s.conversation_id == conversation_id, s.asked_at > tx.at - OUTLIVES_MS)
    survey = tx.connection.execute(mine.order_by(s.asked_at.desc()).limit(1)).first()
    if survey is None:
        return None
    missing = next((name for name in ANSWERS if getattr(survey, name) is None), None)
    return {"id": survey.id, "asks": missing} if missing else None


def _survey(tx: Tx, conversation: Conversation, survey_id: str | None) -> Any:
    s = t.surveys.c
    mine = sa.select(t.surveys).where(s.conversation_id == conversation.id).order_by(s.asked_at.desc()).limit(1)
    found = tx.connection.execute(mine.where(s.id == survey_id) if survey_id else mine).first()
    if found is None:
        raise Refusal("unknown_survey", f"conversation {conversation.id} has no survey {survey_id or ''}".rstrip())
    return found


def _tell(tx: Tx, actor: Actor, name: str, conversation: Conversation, survey: Any, data: dict[str, Any]) -> None:
    """The next case may have begun: the event is about the one that was judged."""
    handoff = tx.handoff(survey.handoff_id) if survey.handoff_id else None
    told = {"survey_id": survey.id, **data}
    tx.record(name, actor, conversation=conversation, case_id=survey.case_id, handoff=handoff, data=told)
