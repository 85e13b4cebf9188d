"""What agents do with a conversation: claim it, step in, release, resolve, or give it back to the bot."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import tables as t
from handoff_server.conversations import Actor, Conversation, Handoff, Step
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.handoffs import fresh_handoff, keep, touch_agent
from handoff_server.service.speech import announce
from handoff_server.service.wording import written
from handoff_server.transaction import Tx


def claim(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    conversation = tx.conversation(conversation_id)
    try:
        step = rules.claim(conversation, tx.open_handoff(conversation), agent.actor, epoch, tx.at)
    except Refusal as refusal:
        if refusal.code == "already_claimed":
            refusal.details["by"] = _name_of(tx, conversation.assignee_id)
        raise
    return announce(tx, keep(tx, step, agent.actor), "joined", name=agent.name)


def take_over(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    conversation = tx.conversation(conversation_id)
    before = conversation.assignee_id
    evidence: dict[str, Any] = {
        "rule": "agent_takeover",
        "rule_version": "1",
        "values": {},
        "message_id": None,
        "text": None,
    }
    fresh = fresh_handoff(tx, conversation, "agent_takeover", evidence, None, None)
    current = tx.open_handoff(conversation)
    step = rules.take_over(conversation, current, fresh, agent.actor, agent.role, epoch, tx.at)
    moved = keep(tx, step, agent.actor, new=step.handoff.id == fresh.id)
    touch_agent(tx, before)
    return announce(tx, moved, "joined", name=agent.name)


def release(tx: Tx, agent: Agent, conversation_id: str, epoch: int) -> Conversation:
    moved = _by_assignee(tx, agent, conversation_id, epoch, lambda c, h: rules.release(c, h, agent.actor, epoch))
    return announce(tx, moved, "released", name=agent.name)


def resolve(tx: Tx, agent: Agent, conversation_id: str, epoch: int, disposition: str, note: str | None) -> Conversation:
    """The handoff ends and the case closes."""
    if tx.policy.disposition(disposition) is None:
        offered = ", ".join(one.id for one in tx.policy.dispositions)
        raise Refusal("invalid_request", f"disposition {disposition[:40]!r} is not offered; take one of {offered}")
    noted = written(note, "note") if note else None
    unheard = _unheard(tx, conversation_id)
    moved = _by_assignee(
        tx,
        agent,
        conversation_id,
        epoch,
        lambda c, h: rules.resolve(c, h, agent.actor, epoch, tx.at, disposition, noted),
    )
    moved = announce(tx, moved, "resolved", name=agent.name)
    if moved.case_id:
        tx.close_case(moved.case_id, "resolved")
        tx.record("case.closed", agent.actor, conversation=moved, data={"outcome": "resolved"})
    # What the bot had collected belonged to the case; the next one starts clean.
    moved = replace(moved, case_id=None, carried={})
    tx.save(moved)
    if unheard:
        moved = replace(moved, case_id=tx.open_case(moved.id))
        tx.record("case.opened", Actor("customer"), conversation=moved)
    return _give_to_bot(tx, moved, unheard)


def return_to_bot(tx: Tx, agent: Agent, conversation_id: str, epoch: int, note: str) -> Conversation:
    noted = written(note, "note")
    unheard = _unheard(tx, conversation_id)
    moved = _by_assignee(
        tx,
        agent,
        conversation_id,
        epoch,
        lambda c, h: rules.return_to_bot(c, h, agent.actor, epoch, tx.at, noted),
    )
    return _give_to_bot(tx, announce(tx, moved, "back_with_note", name=agent.name), unheard)


def _unheard(tx: Tx, conversation_id: str) -> list[Message]:
    """What the customer wrote to the agent and the agent has neither seen nor answered."""
    conversation = tx.conversation(conversation_id)
    if not conversation.unread:
        return []
    e, m = t.events.c, t.messages.c
    came = sa.select(sa.func.max(e.after_message_id)).where(
        e.conversation_id == conversation_id, e.name.in_(("handoff.assigned", "conversation.taken_over"))
    )
    since = tx.connection.scalar(came) or 0
    theirs = (m.conversation_id == conversation_id, m.direction == "incoming", m.id > since)
    return tx.messages(*theirs, limit=conversation.unread)


def _give_to_bot(tx: Tx, conversation: Conversation, unheard: list[Message]) -> Conversation:
    """Words that crossed with the agent's good-bye are the bot's to answer: nobody is left in silence."""
    if not unheard:
        return conversation
    conversation = replace(conversation, turned_id=unheard[0].id - 1)
    tx.save(conversation)
    tx.add_job("bot_turn", conversation.id, {"conversation_id": conversation.id})
    return conversation


def _by_assignee(
    tx: Tx,
    agent: Agent,
    conversation_id: str,
    epoch: int,
    transition: Callable[[Conversation, Handoff], Step],
) -> Conversation:
    conversation = tx.conversation(conversation_id)
    handoff = tx.open_handoff(conversation)
    if handoff is None:
        raise Refusal("not_owner", f"conversation {conversation_id} has no open handoff")
    moved = keep(tx, transition(conversation, handoff), agent.actor)
    touch_agent(tx, agent.id)
    return moved


def _name_of(tx: Tx, agent_id: str | None) -> str | None:
    return tx.connection.scalar(sa.select(t.agents.c.name).where(t.agents.c.id == agent_id))
