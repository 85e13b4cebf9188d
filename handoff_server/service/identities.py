"""One customer on several channels: linked once the assistant has verified who it is, never by a name, a number that
looks alike, or what somebody merely says."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Actor, Conversation
from handoff_server.transaction import Tx

BOT = Actor("bot")
MAX_NAME = 120  # of customers.name


def proven(slots: Mapping[str, Any]) -> str | None:
    """Who the customer is proved to be, as a digest, by the slots of a turn report: the e-mail that bought the order
    which is verified, while it is still the order that they speak of. With another order, the e-mail beside it may be
    anybody's."""
    order, email = slots.get("verified_order"), slots.get("email")
    if not isinstance(email, str) or not email or not order or order != slots.get("order_number"):
        return None
    return hashlib.sha256(f"email:{email.strip().casefold()}".encode()).hexdigest()


def recognise(tx: Tx, conversation: Conversation, slots: Mapping[str, Any]) -> Conversation:
    """The conversation, with the customer whom it is proved to be with, by the name that the shop has for them. Who is
    known as somebody stays that one: a second person's order, asked for in the same chat, makes two customers not one.
    """
    identity = proven(slots)
    if identity is None:
        return conversation
    mine = tx.connection.scalar(sa.select(t.customers.c.identity).where(t.customers.c.id == conversation.customer_id))
    if mine is None:
        conversation = _linked(tx, conversation, identity)
    elif mine != identity:
        return conversation
    return _named(tx, conversation, slots.get("verified_name"))


def _linked(tx: Tx, conversation: Conversation, identity: str) -> Conversation:
    c = t.customers.c
    known = tx.connection.execute(sa.select(c.id, c.name).where(c.identity == identity)).first()
    if known is None:
        tx.connection.execute(t.customers.update().where(c.id == conversation.customer_id).values(identity=identity))
        return conversation
    before = conversation.customer_id
    linked = replace(conversation, customer_id=known.id, customer_name=conversation.customer_name or known.name)
    tx.save(linked)
    tx.record("conversation.identified", BOT, conversation=linked)
    _forget_if_alone(tx, before)
    return linked


def _named(tx: Tx, conversation: Conversation, name: Any) -> Conversation:
    """A name that the channel has told stays: people know each other by it there."""
    if conversation.customer_name or not isinstance(name, str):
        return conversation
    name = name.strip()[:MAX_NAME]
    if not name:
        return conversation
    named = replace(conversation, customer_name=name)
    tx.save(named)
    c = t.customers.c
    nameless = t.customers.update().where(c.id == conversation.customer_id, c.name.is_(None))
    tx.connection.execute(nameless.values(name=name))
    tx.record("conversation.named", BOT, conversation=named)
    return named


def _forget_if_alone(tx: Tx, customer_id: str) -> None:
    others = sa.select(t.conversations.c.id).where(t.conversations.c.customer_id == customer_id).limit(1)
    if tx.connection.scalar(others) is None:
        tx.connection.execute(t.customers.delete().where(t.customers.c.id == customer_id))
