"""A person is needed: the handoff is requested, told to the customer, completed, or cancelled. What agents do with it
then is `desk`."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import people
from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor, Conversation, Handoff, Step
from handoff_server.masking import mask_all
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.routing import is_hard, places, standing_in
from handoff_server.sender import conversation_of
from handoff_server.service import cases, offers
from handoff_server.service.speech import announce, tell
from handoff_server.service.wording import in_words
from handoff_server.summary import Line, quoted, summarise
from handoff_server.teams import Team
from handoff_server.texts import LANGUAGES, plural, say, texts
from handoff_server.transaction import Tx, new_id

_RECEIPTS = ("customer_request", "repeated_failure", "bot_failure")
_PRIORITIES = {"bot_failure": "high"}  # of handoffs that no rule asked for


@dataclass(frozen=True)
class Nobody:
    """Why nobody can be reached: the `hours` of the teams, or `nobody` of them is online; and when that changes, which
    is told by the clock of the team."""

    why: Literal["hours", "nobody"]
    opens_at: int | None
    time_zone: str


def request(tx: Tx, body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A handoff that the assistant asks for (`handoff_request`); the answer, and whether it is new.

    Repeated with the same turn, it is answered with the same handoff. A turn that is over gets nothing any more.
    """
    conversation_id = conversation_of(body["sender"])
    conversation = tx.conversation(conversation_id)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    if known := tx.handoff_of_turn(body["turn_id"]):
        if known.digest and known.digest != digest:
            raise Refusal(
                "idempotency_conflict", f"turn {body['turn_id']} has asked for another handoff; do not repeat"
            )
        return _answer(tx, known.id, conversation), False
    turn = tx.turn(body["turn_id"])
    if turn is None or turn.conversation_id != conversation_id or turn.state != "posted":
        raise Refusal("stale_turn", f"turn {body['turn_id']} is not under way; do not repeat it")
    if conversation.owner != "bot":
        return _answer(tx, conversation.handoff_id, conversation), False
    evidence = mask_all(body["evidence"]) | {"message_id": _message_of(tx, turn.id)}
    is_whole = not taken_back(tx, turn.id)
    evidence |= {} if is_whole else {"text": None}
    fresh = fresh_handoff(tx, conversation, body["reason"], evidence, turn.id, body["rules_version"])
    team = find_team(tx, fresh.team)
    if isinstance(team, Nobody):
        return _answer(tx, None, conversation, team), False
    opened = open_handoff(tx, conversation, replace(fresh, digest=digest), team)
    if is_whole:
        tx.keep_tracker(opened.id, mask_all(body["tracker"]))
    return _answer(tx, opened.id, tx.conversation(conversation_id)), True


def find_team(tx: Tx, team_id: str, or_soon: bool = True) -> Team | Nobody:
    """Who takes it now: the team, or the one that stands in. The first of them in which somebody is there, or
    (`or_soon`) may be back in a moment."""
    teams = standing_in(tx.policy, team_id)
    working = [team for team in teams if team.hours.is_open(tx.at)]
    if not working:
        opens = [at for team in teams if (at := team.hours.opens_at(tx.at)) is not None]
        return Nobody("hours", min(opens, default=None), teams[0].hours.zone)
    if len(working) == 1 and tx.policy.nobody_online == "wait":
        return working[0]
    there = [team for team in working if people.is_anybody_there(tx.connection, tx.at, tx.policy, team.id, or_soon)]
    if there or tx.policy.nobody_online == "wait":
        return (there or working)[0]
    return Nobody("nobody", None, teams[0].hours.zone)


def open_handoff(tx: Tx, conversation: Conversation, fresh: Handoff, team: Team) -> Handoff:
    """Into the queue, with the receipt to the customer in the same commit: nobody is left in silence."""
    conversation = cases.wanted(tx, conversation)
    fresh = replace(fresh, team=team.id, case_id=conversation.case_id)
    step = rules.request_handoff(conversation, fresh)
    # What is promised may change tomorrow; measures must know what was.
    step = replace(step, data=step.data | {"promises": tx.policy.promise(fresh.priority).told})
    actor = Actor("customer") if fresh.reason == "customer_request" else SYSTEM
    moved = keep(tx, step, actor, new=True)
    receipt = "callback" if fresh.callback else fresh.reason if fresh.reason in _RECEIPTS else "other"
    said = f"{say(moved.language, f'receipt_{receipt}')} {wait_line(tx, moved)}{cases.key_told(tx, moved)}"
    tell(tx, moved, said)
    return fresh


def enrich(tx: Tx, turn_id: str, report: dict[str, Any]) -> None:
    """The report of the very turn that handed over arrives after the handoff: it completes data and summary."""
    handoff = tx.handoff_of_turn(turn_id)
    if handoff is None or handoff.status not in rules.OPEN_STATUSES:
        return
    conversation = tx.conversation(handoff.conversation_id)
    skill = (report["skill"] or {}).get("outcome")
    collected = handoff.collected | report["slots"]
    # What a person wrote meanwhile is not made anew.
    summary = handoff.summary if handoff.summary_by else _summary(tx, conversation, collected, handoff.reason, skill)
    tx.save_handoff(replace(handoff, collected=collected, summary=summary))
    tx.record("handoff.enriched", SYSTEM, conversation=conversation)


def cancel(tx: Tx, conversation_id: str) -> Conversation:
    """The waiting customer goes on with the bot. When a person already is there, nothing changes."""
    conversation = tx.conversation(conversation_id)
    handoff = tx.open_handoff(conversation)
    if conversation.owner != "queue" or handoff is None:
        return conversation
    moved = keep(tx, rules.cancel(conversation, handoff, tx.at), Actor("customer"))
    return announce(tx, moved, "cancelled")


def assignee(connection: sa.Connection, conversation_id: str) -> str | None:
    return connection.scalar(sa.select(t.conversations.c.assignee_id).where(t.conversations.c.id == conversation_id))


def fresh_handoff(
    tx: Tx,
    conversation: Conversation,
    reason: str,
    evidence: dict[str, Any],
    turn_id: str | None,
    rules_version: str | None,
) -> Handoff:
    routing = evidence.get("routing") or {"priority": _PRIORITIES.get(reason, "normal"), "team": None, "skill": None}
    return Handoff(
        id=new_id("h"),
        conversation_id=conversation.id,
        case_id=conversation.case_id,
        status="queued",
        reason=reason,
        evidence=evidence,
        rules_version=rules_version,
        summary=_summary(tx, conversation, conversation.carried, reason, None),
        collected=conversation.carried,
        turn_id=turn_id,
        requested_at=tx.at,
        queued_at=tx.at,
        priority=routing["priority"],
        team=tx.policy.team(routing["team"]).id,
        skill=routing["skill"],
        language=conversation.language,
        hard=is_hard(reason, routing["priority"], tx.policy),
    )


def _summary(
    tx: Tx,
    conversation: Conversation,
    collected: dict[str, Any],
    reason: str,
    outcome: str | None,
    until: int | None = None,
) -> dict[str, str]:
    m = t.messages.c
    theirs = (m.conversation_id == conversation.id, m.direction == "incoming", m.deleted_at.is_(None))
    said = tx.messages(*theirs, *([m.created_at <= until] if until else []), limit=30)
    return {
        code: summarise(texts(code), [_line(code, message) for message in said], collected, reason, outcome)
        for code in LANGUAGES
    }


def summary_without(tx: Tx, conversation: Conversation, handoff: Handoff, gone: Message) -> dict[str, str]:
    """The handoff's summary after the customer has taken `gone` back. A person's own words stay, unless that language
    still has the sentence that quotes the customer."""
    report = tx.connection.scalar(sa.select(t.turns.c.report).where(t.turns.c.id == handoff.turn_id))
    outcome = ((report or {}).get("skill") or {}).get("outcome")
    fresh = _summary(tx, conversation, handoff.collected, handoff.reason, outcome, until=handoff.requested_at)

    def stays(code: str, text: str) -> bool:
        quotes = texts(code)["summary"]["said"].format(text=quoted(gone.text)) in text
        return handoff.summary_by is not None and not (gone.text and quotes)

    return {code: text if stays(code, text) else fresh[code] for code, text in handoff.summary.items()}


def _line(language: str, message: Message) -> Line:
    understood = message.understanding or {}
    intent, sentiment = understood.get("intent") or {}, understood.get("sentiment") or {}
    text = in_words(language, message.text, message.attachments)
    return Line(text, intent.get("name"), sentiment.get("label"))


def keep(tx: Tx, step: Step, actor: Actor, new: bool = False) -> Conversation:
    moved = replace(step.conversation, team=step.handoff.team, reason=step.handoff.reason)
    tx.save_handoff(step.handoff, new)
    tx.save(moved)
    tx.record(step.event, actor, conversation=moved, data=step.data)
    touch_agent(tx, moved.assignee_id)
    if new and step.handoff.case_id:
        tx.save_case(replace(tx.case(step.handoff.case_id), handoff_id=step.handoff.id))
    if moved.assignee_id:
        offers.note_assigned(tx, moved.assignee_id, step.handoff.hard)
    offers.offer_next(tx)
    return moved


def touch_agent(tx: Tx, agent_id: str | None) -> None:
    if agent_id:
        tx.touched.agents.add(agent_id)  # the number of open conversations has changed


def wait_line(tx: Tx, conversation: Conversation) -> str:
    """The truth about the wait."""
    language = conversation.language
    place = places(tx.waiting()).get(conversation.id, 1)
    online = people_online(tx, conversation)
    if not online:
        return say(language, "wait_nobody", position=place)
    told = plural(language, "agents", online)
    return say(language, "wait_next" if place == 1 else "wait_position", position=place, agents=told)


def _answer(tx: Tx, handoff_id: str | None, conversation: Conversation, nobody: Nobody | None = None) -> dict[str, Any]:
    answer = {
        "version": 1,
        "status": "closed" if nobody else "queued",
        "handoff_id": handoff_id,
        "position": places(tx.waiting()).get(conversation.id),
        "agents_online": people_online(tx, conversation),
    }
    return answer | vars(nobody) if nobody else answer


def people_online(tx: Tx, conversation: Conversation) -> int:
    """How many people of the team that the conversation waits for."""
    handoff = tx.open_handoff(conversation)
    team = tx.policy.team(handoff.team if handoff else None)
    return people.count_online(tx.connection, tx.at, tx.policy)[team.id]


def taken_back(tx: Tx, turn_id: str) -> bool:
    """Has the customer taken back something of what the bot is just answering? Then nothing of it is written down."""
    m = t.messages.c
    return tx.message(m.turn_id == turn_id, m.direction == "incoming", m.deleted_at.is_not(None)) is not None


def _message_of(tx: Tx, turn_id: str) -> int | None:
    m = t.messages.c
    newest: int | None = tx.connection.scalar(
        sa.select(sa.func.max(m.id)).where(m.turn_id == turn_id, m.direction == "incoming")
    )
    return newest
