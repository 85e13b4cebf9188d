"""An agent lets the assistant do something beside a conversation: who may, what the assistant is told, what stays.

Nobody vouches for the customer. If the customer has proved number and e-mail of an order to the bot, that pair is told,
and the assistant holds it against the shop anew; else it asks the agent for what is missing.
"""

import hashlib
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import SUPERVISORS, Conversation
from handoff_server.refusal import Refusal
from handoff_server.sender import beside
from handoff_server.service.agent import Agent
from handoff_server.transaction import Tx

ASKED = "bot.asked"
LATELY = 10  # messages of the customer


def begin(tx: Tx, agent: Agent, conversation_id: str, skill: str | None, run: str, lasts_ms: int) -> dict[str, Any]:
    """The seed of the run. That it was asked for stays in the story; what was answered does not."""
    conversation = tx.conversation(conversation_id)
    _require(agent, conversation_id, conversation.owner, conversation.assignee_id)
    tx.record(ASKED, agent.actor, conversation=conversation, data={"skill": skill, "run": run})
    forget(tx, conversation_id, run, lasts_ms)
    return seed(conversation, _order_named(tx.connection, conversation_id))


def forget(tx: Tx, conversation_id: str, run: str, lasts_ms: int) -> None:
    """The run's tracker goes when no turn can write to it any more. Written before the first one, so that none is left
    behind; in a lane of its own, since an erasure does not wait for it."""
    payload = {"conversation_id": conversation_id, "run": run, "until": tx.at + lasts_ms}
    tx.add_job("forget", f"forget:{beside(conversation_id, run)}", payload)


def go_on(connection: sa.Connection, agent: Agent, conversation_id: str) -> None:
    """Refusal when the conversation is no longer the agent's."""
    c = t.conversations.c
    found = connection.execute(sa.select(c.owner, c.assignee_id).where(c.id == conversation_id)).first()
    if found is None:
        raise Refusal("unknown_conversation", f"there is no conversation {conversation_id[:40]}")
    _require(agent, conversation_id, found.owner, found.assignee_id)


def seed(conversation: Conversation, named: str | None) -> dict[str, Any]:
    """What the assistant knows of the customer. `named`: an order that the customer wrote of to the agent."""
    carried = conversation.carried
    number = named or carried.get("order_number")
    proved = number is not None and number == carried.get("verified_order")
    slots = {"order_number": number, "email": carried.get("email") if proved else None}
    return {
        "language": conversation.language,
        "customer": {"name": conversation.customer_name},
        "slots": {name: value for name, value in slots.items() if value is not None},
        "settled": None,
    }


def source_of(agent: Agent) -> str:
    """Wrong pairs of number and e-mail count for the agent who tries them, not for the customer's address."""
    return hashlib.sha256(f"agent:{agent.id}".encode()).hexdigest()


def _order_named(connection: sa.Connection, conversation_id: str) -> str | None:
    m = t.messages.c
    newest = (
        sa.select(m.understanding)
        .where(m.conversation_id == conversation_id, m.author == "customer")
        .order_by(m.id.desc())
        .limit(LATELY)
    )
    for understanding in connection.scalars(newest):
        for entity in (understanding or {}).get("entities") or []:
            if entity["entity"] == "order_number":
                return str(entity["value"])
    return None


def _require(agent: Agent, conversation_id: str, owner: str, assignee_id: str | None) -> None:
    if owner != "agent":
        raise Refusal("not_owner", f"conversation {conversation_id} is with no person; claim it or take it over first")
    if assignee_id != agent.id and agent.role not in SUPERVISORS:
        raise Refusal("not_owner", f"conversation {conversation_id} is a colleague's; only its agent may ask the bot")
