"""A call back: nobody could be reached, so the customer's wish joins the queue, at its head, when somebody can be.

The row holds what was asked for, as if the handoff had been opened then; `due_at` is when it is looked at next.
"""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor, Conversation, Handoff
from handoff_server.masking import mask_cards
from handoff_server.refusal import Refusal
from handoff_server.service import cases, handoffs
from handoff_server.service.handoffs import Nobody
from handoff_server.service.turn_under_way import conversation_of
from handoff_server.service.wording import storable
from handoff_server.teams import Policy
from handoff_server.transaction import Tx, new_id

CUSTOMER = Actor("customer")
LOOK_AGAIN_MS = 15_000  # while nobody is online
MOST_DUE = 100  # in one round of the timekeeper
TURNS_BACK = 10  # how far the wish for a person may lie behind the confirmation of the call
FINISHED = ("confirmed", "resolved")


def request(tx: Tx, body: dict[str, Any]) -> dict[str, Any]:
    """What the assistant's callback form has found out (`callback_request`). Repeated with the same turn, it is the
    same call back; with `cancel` the customer no longer needs one."""
    if known := _of_turn(tx, body["turn_id"]):
        return _answer(tx, tx.conversation(known.conversation_id), known.due_at, known.team)
    conversation = conversation_of(tx, body)
    if body.get("cancel"):
        dropped = cancel(tx, conversation, CUSTOMER)
        return _answer(tx, conversation, None) | {"status": "cancelled" if dropped else "none"}
    due_at = take(tx, conversation, body["contact"], body["turn_id"])
    return _answer(tx, tx.conversation(conversation.id), due_at, _promised(tx, conversation.id).team)


def take(
    tx: Tx,
    conversation: Conversation,
    contact: str | None,
    turn_id: str | None = None,
    not_before: int = 0,
    stands_for: Handoff | None = None,
) -> int:
    """Promises a call; when it will be looked at. `contact`: how the customer wants to be reached; None: right here.
    `stands_for`: the handoff that could not be opened.

    There is one promise for each conversation: a second one corrects the contact.
    """
    if conversation.owner != "bot":
        raise Refusal("not_owner", f"people have conversation {conversation.id} already; no call back is needed")
    reach = mask_cards(storable(contact).strip())[:200] or None if contact else None
    if promised := _promised(tx, conversation.id):
        _change(tx, promised.id, contact=reach, turn_id=turn_id or promised.turn_id)
        due_at: int = promised.due_at
    else:
        conversation = cases.wanted(tx, conversation)
        asked = _asked_by(stands_for) if stands_for else _asked(tx, conversation)
        due_at = _promise(tx, conversation, asked, reach, turn_id, not_before)
    data = {"due_at": due_at, "key": tx.case(conversation.case_id or "").tracking_key}
    tx.record("callback.requested", CUSTOMER, conversation=conversation, data=data)
    return due_at


def cancel(tx: Tx, conversation: Conversation, actor: Actor) -> bool:
    """No call is needed any more; False when none was promised."""
    promised = _promised(tx, conversation.id)
    if promised is None:
        return False
    _change(tx, promised.id, due_at=None)
    tx.record("callback.cancelled", actor, conversation=conversation, case_id=promised.case_id)
    return True


def due(connection: sa.Connection, at: int, _policy: Policy) -> list[str]:
    """The call backs whose time has come."""
    b = t.callbacks.c
    return list(connection.scalars(sa.select(b.id).where(b.due_at <= at).order_by(b.due_at).limit(MOST_DUE)))


def join_queue_if_due(tx: Tx, callback_id: str) -> None:
    """Into the queue if somebody is there now; else it waits for the next opening, or for somebody to come."""
    b = t.callbacks.c
    promised = tx.connection.execute(sa.select(t.callbacks).where(b.id == callback_id)).one()
    if promised.due_at is None or promised.due_at > tx.at:
        return
    conversation = tx.conversation(promised.conversation_id)
    if _is_settled(tx, conversation, promised):
        cancel(tx, conversation, SYSTEM)
        return
    team = handoffs.find_team(tx, promised.team, or_soon=False)
    if isinstance(team, Nobody):
        _change(tx, promised.id, due_at=_next_look(tx, team))
        return
    asked = promised.asked
    fresh = handoffs.fresh_handoff(tx, conversation, asked["reason"], asked["evidence"], None, asked["rules_version"])
    reach = {"contact": promised.contact} if promised.contact else {}
    fresh = replace(fresh, callback=True, requested_at=asked["at"], collected=asked["collected"] | reach)
    opened = handoffs.open_handoff(tx, conversation, fresh, team)
    _change(tx, promised.id, due_at=None, handoff_id=opened.id)
    tx.record("callback.due", SYSTEM, conversation=tx.conversation(conversation.id))


def is_promised(tx: Tx, conversation_id: str) -> bool:
    return _promised(tx, conversation_id) is not None


def _promise(
    tx: Tx,
    conversation: Conversation,
    asked: dict[str, Any],
    contact: str | None,
    turn_id: str | None,
    not_before: int,
) -> int:
    team_id = tx.policy.team((asked["evidence"].get("routing") or {}).get("team")).id
    team = handoffs.find_team(tx, team_id)
    due_at = max(_next_look(tx, team) if isinstance(team, Nobody) else tx.at, not_before)
    row: dict[str, Any] = {
        "id": new_id("b"),
        "conversation_id": conversation.id,
        "case_id": conversation.case_id,
        "team": team_id,
    }
    row |= {"contact": contact, "asked": asked, "turn_id": turn_id, "created_at": tx.at, "due_at": due_at}
    tx.connection.execute(t.callbacks.insert().values(**row))
    return due_at


def _next_look(tx: Tx, nobody: Nobody) -> int:
    return max(nobody.opens_at or 0, tx.at + LOOK_AGAIN_MS)


def _asked(tx: Tx, conversation: Conversation) -> dict[str, Any]:
    """What the person was wanted for: by the last handoff if nobody came to that, else by a decision of late turns."""
    u = t.turns.c
    handoff = tx.handoff(conversation.handoff_id) if conversation.handoff_id else None
    if handoff and handoff.status == "expired":
        return _asked_by(handoff)
    newest = sa.select(u.report, u.posted_at).where(u.conversation_id == conversation.id, u.report.is_not(None))
    for turn in tx.connection.execute(newest.order_by(u.posted_at.desc()).limit(TURNS_BACK)):
        decision = (turn.report or {}).get("decision") or {}
        if decision.get("action") == "handoff":
            return {name: decision[name] for name in ("reason", "evidence", "rules_version")} | {
                "at": turn.posted_at,
                "collected": conversation.carried,
            }
    evidence: dict[str, Any] = {"rule": "callback", "rule_version": "1", "values": {}, "message_id": None, "text": None}
    asked = {"reason": "customer_request", "evidence": evidence, "rules_version": None}
    return asked | {"at": tx.at, "collected": conversation.carried}


def _asked_by(handoff: Handoff) -> dict[str, Any]:
    told = {name: getattr(handoff, name) for name in ("reason", "evidence", "rules_version", "collected")}
    return told | {"at": handoff.requested_at}


def _is_settled(tx: Tx, conversation: Conversation, promised: Any) -> bool:
    """Somebody has come in between, or the matter is over: nobody needs to be called any more."""
    if conversation.owner != "bot" or conversation.blocked_at is not None:
        return True
    handoff = tx.handoff(conversation.handoff_id) if conversation.handoff_id else None
    if handoff and (handoff.assigned_at or 0) > promised.created_at:
        return True
    return promised.case_id is not None and tx.case(promised.case_id).outcome in FINISHED


def _promised(tx: Tx, conversation_id: str) -> Any:
    b = t.callbacks.c
    waiting = sa.select(t.callbacks).where(b.conversation_id == conversation_id, b.due_at.is_not(None))
    return tx.connection.execute(waiting).first()


def _of_turn(tx: Tx, turn_id: str) -> Any:
    return tx.connection.execute(sa.select(t.callbacks).where(t.callbacks.c.turn_id == turn_id)).first()


def _change(tx: Tx, callback_id: str, **values: Any) -> None:
    tx.connection.execute(t.callbacks.update().where(t.callbacks.c.id == callback_id).values(**values))


def _answer(tx: Tx, conversation: Conversation, due_at: int | None, team: str | None = None) -> dict[str, Any]:
    case_id = conversation.case_id or conversation.closed_case_id
    key = tx.case(case_id).tracking_key if case_id else None
    zone = tx.policy.team(team).hours.zone
    return {"version": 1, "status": "taken", "key": key, "due_at": due_at, "time_zone": zone}
