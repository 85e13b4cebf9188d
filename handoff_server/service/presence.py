"""Whether an agent's console is there. A closed laptop is not: what its agent has goes back to the queue, in time."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from handoff_server import conversations as rules
from handoff_server import promises
from handoff_server import tables as t
from handoff_server.conversations import SYSTEM, Actor
from handoff_server.people import ONLINE_MS
from handoff_server.service.handoffs import keep, people_online, touch_agent, wait_line
from handoff_server.service.leaving import go_home
from handoff_server.service.offers import offer_next, pass_on
from handoff_server.service.speech import announce, tell
from handoff_server.teams import Policy
from handoff_server.transaction import Tx

_a, _c = t.agents.c, t.conversations.c
_RAISED = {"normal": "high", "low": "high"}  # who was left by an agent does not wait as long again


def arrive(tx: Tx, agent_id: str, actor: Actor = SYSTEM) -> None:
    """A console is there."""
    _seen(tx, [agent_id])
    tx.record("agent.updated", actor, agent_id=agent_id)
    offer_next(tx)


def leave(tx: Tx, agent_id: str, gone_at: int, actor: Actor = SYSTEM) -> None:
    """The last console has gone, at `gone_at`. The agent may come back for a while; offers do not wait for that."""
    gone = {"seen_at": None, "gone_at": gone_at, "left_at": gone_at}
    tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(gone))
    tx.record("agent.updated", actor, agent_id=agent_id)
    pass_on(tx, agent_id)
    offer_next(tx)


def heartbeat(tx: Tx, agent_ids: Sequence[str]) -> None:
    """These consoles are there still; or again, if they had not been heard of for too long."""
    silent = sa.or_(_a.seen_at.is_(None), _a.seen_at <= tx.at - ONLINE_MS)
    back = tx.connection.scalars(sa.select(_a.id).where(_a.id.in_(agent_ids), silent).order_by(_a.id)).all()
    _seen(tx, agent_ids)
    for agent_id in back:
        arrive(tx, agent_id)


def _seen(tx: Tx, agent_ids: Sequence[str]) -> None:
    """Who reloads the page, or was cut off for a moment, has been here all the time."""
    lately = tx.at - ONLINE_MS
    since = sa.case((sa.or_(_a.seen_at > lately, _a.left_at > lately), _a.presence_at), else_=None)
    here = t.agents.update().where(_a.id.in_(agent_ids))
    tx.connection.execute(here.values(seen_at=tx.at, gone_at=None, presence_at=sa.func.coalesce(since, tx.at)))


def needed(tx: Tx, agent_id: str | None) -> None:
    """Something of the agent's cannot wait. If nobody is at the console it will go back to the queue."""
    absent = (_a.id == agent_id, _a.seen_at.is_(None), _a.gone_at.is_(None))
    tx.connection.execute(t.agents.update().where(*absent).values(gone_at=tx.at))


def silent(connection: sa.Connection, at: int, _policy: Policy) -> Sequence[str]:
    """Agents whose console has not been heard of for too long."""
    return connection.scalars(sa.select(_a.id).where(_a.seen_at <= at - ONLINE_MS).order_by(_a.id).limit(100)).all()


def note_silent(tx: Tx, agent_id: str) -> None:
    seen_at = tx.connection.scalar(sa.select(_a.seen_at).where(_a.id == agent_id))
    if seen_at is not None and seen_at <= tx.at - ONLINE_MS:
        leave(tx, agent_id, seen_at)


def gone(connection: sa.Connection, at: int, policy: Policy) -> Sequence[str]:
    """Agents who have been gone for so long that their conversations go back."""
    if policy.agent_gone_ms is None:
        return []
    left = _a.gone_at <= at - policy.agent_gone_ms
    return connection.scalars(sa.select(_a.id).where(left).order_by(_a.gone_at).limit(100)).all()


def give_back(tx: Tx, agent_id: str) -> None:
    """To the queue, ahead of what came later. What is put aside stays until it wakes."""
    row = tx.connection.execute(sa.select(_a.name, _a.gone_at).where(_a.id == agent_id)).one()
    if row.gone_at is None or tx.policy.agent_gone_ms is None or row.gone_at > tx.at - tx.policy.agent_gone_ms:
        return
    tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(gone_at=None))
    theirs = sa.select(_c.id).where(_c.assignee_id == agent_id, _c.snoozed_until.is_(None)).order_by(_c.id)
    for conversation_id in tx.connection.scalars(theirs).all():
        _release(tx, conversation_id, Actor("agent", agent_id, row.name))
    touch_agent(tx, agent_id)


def _release(tx: Tx, conversation_id: str, agent: Actor) -> None:
    conversation = tx.conversation(conversation_id)
    handoff = tx.open_handoff(conversation)
    if handoff is None:
        return
    step = rules.release(conversation, handoff, agent, conversation.epoch, tx.at, "gone")
    raised = replace(step.handoff, priority=_RAISED.get(handoff.priority, handoff.priority))
    told = step.data | {"agent_id": agent.id}
    moved = keep(tx, replace(step, handoff=raised, data=told), SYSTEM)
    if promises.closes_at(raised, tx.policy) == tx.at:  # everybody else has gone home, too
        go_home(tx, tx.handoff(raised.id))
    else:
        moved = announce(tx, moved, "released", name=agent.name)
        if not people_online(tx, moved):
            tell(tx, moved, wait_line(tx, moved))


def days(connection: sa.Connection, at: int, _policy: Policy) -> Sequence[str]:
    """Agents whose day is over."""
    return connection.scalars(sa.select(_a.id).where(_a.hard_until <= at).order_by(_a.id).limit(100)).all()


def begin_day(tx: Tx, agent_id: str) -> None:
    if (tx.connection.scalar(sa.select(_a.hard_until).where(_a.id == agent_id)) or tx.at + 1) <= tx.at:
        tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(hard_today=0, hard_until=None))
        tx.record("agent.updated", SYSTEM, agent_id=agent_id)
