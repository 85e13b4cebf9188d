"""A person is needed: the handoff is requested, told to the customer, completed, or cancelled. What agents do with it
then is `desk`."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import tables as t
from handoff_server.change import ONLINE_MS
from handoff_server.conversations import SYSTEM, Actor, Conversation, Handoff, Step
from handoff_server.masking import mask_all
from handoff_server.refusal import Refusal
from handoff_server.routing import position
from handoff_server.service import cases
from handoff_server.service.speech import announce, tell
from handoff_server.summary import Line, summarise
from handoff_server.texts import LANGUAGES, plural, say, texts
from handoff_server.transaction import Tx, new_id

_RECEIPTS = ("customer_request", "repeated_failure", "bot_failure")


def request(tx: Tx, body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A handoff that the assistant asks for (`handoff_request`); the answer, and whether it is new.

    Repeated with the same turn, it is answered with the same handoff. A turn that is over gets nothing any more.
    """
    conversation_id = body["sender"].rpartition(".")[0]
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
    opened = open_handoff(
        tx, conversation, body["reason"], evidence, turn_id=turn.id, rules_version=body["rules_version"], digest=digest
    )
    tx.keep_tracker(opened.id, mask_all(body["tracker"]))
    return _answer(tx, opened.id, tx.conversation(conversation_id)), True


def open_handoff(
    tx: Tx,
    conversation: Conversation,
    reason: str,
    evidence: dict[str, Any],
    turn_id: str | None = None,
    rules_version: str | None = None,
    digest: str | None = None,
) -> Handoff:
    """Into the queue, with the receipt to the customer in the same commit: nobody is left in silence."""
    conversation = cases.wanted(tx, conversation)
    fresh = replace(fresh_handoff(tx, conversation, reason, evidence, turn_id, rules_version), digest=digest)
    step = rules.request_handoff(conversation, fresh)
    actor = Actor("customer") if reason == "customer_request" else SYSTEM
    moved = keep(tx, step, actor, new=True)
    receipt = f"receipt_{reason if reason in _RECEIPTS else 'other'}"
    tell(tx, moved, f"{say(moved.language, receipt)} {wait_line(tx, moved)}{cases.key_told(tx, moved)}")
    return fresh


def hand_over(tx: Tx, conversation: Conversation, why: str, turn_id: str | None = None) -> None:
    """The bot has failed, `why` is a code: people get the conversation and the customer hears of it."""
    evidence = {
        "rule": "bot_failure",
        "rule_version": "1",
        "values": {"error": why},
        "message_id": None,
        "text": None,
    }
    open_handoff(tx, conversation, "bot_failure", evidence, turn_id=turn_id)


def enrich(tx: Tx, turn_id: str, report: dict[str, Any]) -> None:
    """The report of the very turn that handed over arrives after the handoff: it completes data and summary."""
    handoff = tx.handoff_of_turn(turn_id)
    if handoff is None or handoff.status not in rules.OPEN_STATUSES:
        return
    conversation = tx.conversation(handoff.conversation_id)
    skill = (report["skill"] or {}).get("outcome")
    collected = handoff.collected | report["slots"]
    summary = _summary(tx, conversation, collected, handoff.reason, skill)
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


def agents_online(connection: sa.Connection, at: int) -> int:
    a = t.agents.c
    there = sa.and_(a.presence == "online", a.seen_at > at - ONLINE_MS)
    return connection.scalar(sa.select(sa.func.count()).select_from(t.agents).where(there)) or 0


def fresh_handoff(
    tx: Tx,
    conversation: Conversation,
    reason: str,
    evidence: dict[str, Any],
    turn_id: str | None,
    rules_version: str | None,
) -> Handoff:
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
    )


def _summary(
    tx: Tx, conversation: Conversation, collected: dict[str, Any], reason: str, outcome: str | None
) -> dict[str, str]:
    m = t.messages.c
    said = tx.messages(m.conversation_id == conversation.id, m.direction == "incoming", limit=30)
    lines = [_line(message.text, message.understanding or {}) for message in said]
    return {code: summarise(texts(code), lines, collected, reason, outcome) for code in LANGUAGES}


def _line(text: str, understood: dict[str, Any]) -> Line:
    intent, sentiment = understood.get("intent") or {}, understood.get("sentiment") or {}
    return Line(text, intent.get("name"), sentiment.get("label"))


def keep(tx: Tx, step: Step, actor: Actor, new: bool = False) -> Conversation:
    tx.save_handoff(step.handoff, new)
    tx.save(step.conversation)
    tx.record(step.event, actor, conversation=step.conversation, data=step.data)
    touch_agent(tx, step.conversation.assignee_id)
    if new and step.handoff.case_id:
        tx.save_case(replace(tx.case(step.handoff.case_id), handoff_id=step.handoff.id))
    return step.conversation


def touch_agent(tx: Tx, agent_id: str | None) -> None:
    if agent_id:
        tx.touched.agents.add(agent_id)  # the number of open conversations has changed


def wait_line(tx: Tx, conversation: Conversation) -> str:
    """The truth about the wait."""
    language = conversation.language
    place = position(tx.waiting(), conversation.id) or 1
    online = agents_online(tx.connection, tx.at)
    if not online:
        return say(language, "wait_nobody", position=place)
    people = plural(language, "agents", online)
    return say(language, "wait_next" if place == 1 else "wait_position", position=place, agents=people)


def _answer(tx: Tx, handoff_id: str | None, conversation: Conversation) -> dict[str, Any]:
    return {
        "version": 1,
        "status": "queued",
        "handoff_id": handoff_id,
        "position": position(tx.waiting(), conversation.id),
        "agents_online": agents_online(tx.connection, tx.at),
    }


def _message_of(tx: Tx, turn_id: str) -> int | None:
    m = t.messages.c
    newest: int | None = tx.connection.scalar(
        sa.select(sa.func.max(m.id)).where(m.turn_id == turn_id, m.direction == "incoming")
    )
    return newest
