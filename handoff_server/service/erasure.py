"""A customer's own words are taken back: what was said and collected goes, that something happened stays counted.

What is written down lives in many rows. Each is named here with what of it may be known afterwards; the assistant's own
memory (`trackers` of Rasa) and files are erased by jobs of the same commit.
"""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import tables as t
from handoff_server.conversations import Actor, Conversation
from handoff_server.service import cases, handoffs
from handoff_server.transaction import Tx, new_id

CUSTOMER = Actor("customer")
MOST_AT_ONCE = 500
# Of what events tell, this says nothing of anybody but those who work here.
_KEPT = frozenset(
    "reason priority team skill callback agent_id until why waited_ms promise due_at due outcome count csat nps by"
    " survey_id disposition verdict asked_again wrapped_at from_agent to_agent presence language key".split()
)


def erase(tx: Tx, conversation_id: str) -> Conversation:
    """Nobody can read any of it afterwards. Whoever had the conversation is told; it may be asked for twice."""
    conversation = _ended(tx, tx.conversation(conversation_id))
    _messages(tx, conversation_id)
    _handoffs(tx, conversation_id)
    _events(tx, conversation_id)
    _others(tx, conversation_id)
    emptied = replace(
        conversation,
        customer_name=None,
        carried={},
        form=None,
        settled=None,
        last_author_name=None if conversation.last_author == "customer" else conversation.last_author_name,
        last_text="",
        tags=[],
        unread=0,
        epoch=conversation.epoch + 1,  # what the bot is about to answer comes too late
        turned_id=conversation.last_message_id,
    )
    emptied = _unknown(tx, rules.next_stretch(emptied))
    tx.save(emptied)
    tx.add_job("forget", f"forget:{conversation_id}", {"conversation_id": conversation_id})
    tx.record("conversation.erased", CUSTOMER, conversation=emptied)
    return emptied


def _unknown(tx: Tx, conversation: Conversation) -> Conversation:
    """With a customer whom nobody knows. Who has other conversations stays known in those: a customer who was proved to
    be somebody must not be free to become somebody else."""
    c = t.conversations.c
    others = sa.select(c.id).where(c.customer_id == conversation.customer_id, c.id != conversation.id).limit(1)
    if tx.connection.scalar(others) is None:
        theirs = t.customers.c.id == conversation.customer_id
        tx.connection.execute(t.customers.update().where(theirs).values(name=None, identity=None))
        return conversation
    unknown = new_id("p")
    tx.connection.execute(t.customers.insert().values(id=unknown, created_at=tx.at))
    return replace(conversation, customer_id=unknown)


def _ended(tx: Tx, conversation: Conversation) -> Conversation:
    handoff = tx.open_handoff(conversation)
    if handoff:
        conversation = handoffs.keep(tx, rules.erase(conversation, handoff, tx.at), CUSTOMER)
    return cases.close(tx, conversation, "left", CUSTOMER)


def _messages(tx: Tx, conversation_id: str) -> None:
    m = t.messages.c
    wanted = sa.select(m.id).where(m.conversation_id == conversation_id, m.deleted_at.is_(None)).order_by(m.id)
    ids = list(tx.connection.scalars(wanted))
    waiting = list(tx.connection.scalars(wanted.where(m.delivery == "pending")))
    tx.update_messages(waiting, delivery="suppressed")
    blank: dict[str, Any] = {
        "text": "",
        "payload": None,
        "buttons": [],
        "attachments": [],
        "mentions": [],
        "understanding": None,
        "label": None,
        "reaction": None,
        "template": None,
        "deleted_at": tx.at,
    }
    for start in range(0, len(ids), MOST_AT_ONCE):
        tx.update_messages(ids[start : start + MOST_AT_ONCE], **blank)
    named = sa.select(m.id).where(m.conversation_id == conversation_id, m.author == "customer")
    signed = list(tx.connection.scalars(named.where(m.author_name.is_not(None)).order_by(m.id)))
    for start in range(0, len(signed), MOST_AT_ONCE):
        tx.update_messages(signed[start : start + MOST_AT_ONCE], author_name=None)
    tx.connection.execute(t.buttons.delete().where(t.buttons.c.conversation_id == conversation_id))
    tx.connection.execute(t.attachments.delete().where(t.attachments.c.conversation_id == conversation_id))


def _handoffs(tx: Tx, conversation_id: str) -> None:
    h = t.handoffs.c
    for handoff_id in tx.connection.scalars(sa.select(h.id).where(h.conversation_id == conversation_id)).all():
        handoff = tx.handoff(handoff_id)
        evidence = {name: handoff.evidence.get(name) for name in ("rule", "rule_version")}
        evidence |= {"values": {}, "message_id": None, "text": None}
        tx.save_handoff(replace(handoff, evidence=evidence, summary={}, collected={}, note=None))
        tx.connection.execute(t.trackers.delete().where(t.trackers.c.handoff_id == handoff_id))


def _events(tx: Tx, conversation_id: str) -> None:
    e = t.events.c
    told = sa.select(e.seq, e.data).where(e.conversation_id == conversation_id, e.message_id.is_(None))
    for row in tx.connection.execute(told).all():
        left = {name: value for name, value in row.data.items() if name in _KEPT}
        if left != row.data:
            tx.connection.execute(t.events.update().where(e.seq == row.seq).values(data=left))
            tx.touched.events.append(row.seq)


def _others(tx: Tx, conversation_id: str) -> None:
    """Calls back are no longer wanted; answers to surveys stay counted without their words."""
    u = t.turns.c
    posted = t.turns.update().where(u.conversation_id == conversation_id, u.state == "posted")
    tx.connection.execute(posted.values(state="failed", error="erased", ended_at=tx.at))
    for table, values in (
        (t.turns, {"report": None}),
        (t.surveys, {"comment": None}),
        (t.callbacks, {"contact": None, "asked": {}, "due_at": None}),
    ):
        tx.connection.execute(table.update().where(table.c.conversation_id == conversation_id).values(values))
    for table in (t.drafts, t.conversation_tags, t.widget_sessions):
        tx.connection.execute(table.delete().where(table.c.conversation_id == conversation_id))
