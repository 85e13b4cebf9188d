"""Push: what waits in a team of this mode is offered to one agent at a time, for a while, and then to the next."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from handoff_server import people
from handoff_server import tables as t
from handoff_server.conversations import SUPERVISORS, SYSTEM, Actor, Handoff
from handoff_server.refusal import Refusal
from handoff_server.routing import Person, Wanted, choose, fitting, free, queue_order
from handoff_server.service.agent import Agent
from handoff_server.teams import Team
from handoff_server.transaction import Tx

MISSED_IN_A_ROW = 3  # then the agent is not at the desk, whatever the console says
_a, _h = t.agents.c, t.handoffs.c


def offer_next(tx: Tx) -> None:
    """Offers what can be offered now. Called after all that may have freed somebody or brought somebody new."""
    pushing = {team.id: team for team in tx.policy.teams.values() if team.mode == "push"}
    waiting = [one for one in queue_order(tx.waiting()) if one.team in pushing] if pushing else []
    if not waiting:
        return
    online = {one.id: one for one in people.online(tx.connection, tx.at)}
    for one in waiting:
        members = people.members([*online.values()], one.team, tx.policy)
        if not free(members):
            continue
        asked = _offer(tx, tx.handoff(one.handoff_id), pushing[one.team], members)
        if asked:
            online[asked.id] = replace(asked, is_asked=True)


def decline(tx: Tx, agent: Agent, conversation_id: str) -> None:
    """The agent does not want what is offered. Who answers is there, so nothing counts as missed."""
    handoff = tx.open_handoff(tx.conversation(conversation_id))
    if handoff is None or handoff.offered_to != agent.id:
        raise Refusal("not_owner", f"conversation {conversation_id} is not offered to you now; nothing to decline")
    _pass(tx, handoff, "declined", agent.actor)
    tx.connection.execute(t.agents.update().where(_a.id == agent.id).values(missed=0))
    offer_next(tx)


def miss(tx: Tx, handoff: Handoff) -> None:
    """The time of the offer is over, and its agent has not said a word."""
    agent_id = handoff.offered_to
    _pass(tx, handoff, "missed")
    missed = (tx.connection.scalar(sa.select(_a.missed).where(_a.id == agent_id)) or 0) + 1
    if missed < MISSED_IN_A_ROW:
        tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(missed=missed))
        return
    away = {"missed": 0, "presence": "away", "presence_at": tx.at}
    tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(away))
    tx.record("agent.updated", SYSTEM, agent_id=agent_id, data={"presence": "away", "missed": missed})


def pass_on(tx: Tx, agent_id: str) -> None:
    """The agent has gone, or does not want any now: what is offered goes on at once."""
    offered = (_h.offered_to == agent_id, _h.status == "queued")
    for handoff_id in tx.connection.scalars(sa.select(_h.id).where(*offered)).all():
        _pass(tx, tx.handoff(handoff_id), "gone")


def begin_round(tx: Tx, handoff: Handoff) -> None:
    """Everybody who was free has let it pass, some time ago: they may be asked again."""
    tx.save_handoff(replace(handoff, offered_until=None, passed=[]))


def may_take(tx: Tx, agent: Agent, handoff: Handoff | None) -> None:
    """Nobody takes away what a colleague is just being offered; supervisors may."""
    offered_to = handoff.offered_to if handoff else None
    if offered_to in (None, agent.id) or agent.role in SUPERVISORS:
        return
    name = tx.connection.scalar(sa.select(_a.name).where(_a.id == offered_to))
    raise Refusal("offered_elsewhere", "this is being offered to a colleague; wait for the answer", by=name)


def note_assigned(tx: Tx, agent_id: str, hard: bool) -> None:
    """What routing has to remember of an agent who gets one more."""
    row = tx.connection.execute(sa.select(t.agents).where(_a.id == agent_id)).one()
    values = {"assigned_at": tx.at, "missed": 0, "hard_run": row.hard_run + 1 if hard else 0}
    if row.seen_at is None and row.gone_at is None:  # whoever takes something and is at no console is missed at once
        values["gone_at"] = tx.at
    if hard:
        today = row.hard_today if (row.hard_until or 0) > tx.at else 0
        values |= {"hard_today": today + 1, "hard_until": tx.policy.team(None).hours.day_ends(tx.at)}
    tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(values))


def _offer(tx: Tx, handoff: Handoff, team: Team, members: Sequence[Person]) -> Person | None:
    """Whom it is offered to now."""
    if handoff.offered_to is not None:
        return None
    wanted = Wanted(
        language=handoff.language,
        skill=handoff.skill,
        hard=handoff.hard,
        last_agent=_last_agent(tx, handoff) if team.last_agent_first else None,
        passed=handoff.passed,
    )
    asked = choose(wanted, free(fitting(wanted, members)))
    if asked:
        until = tx.at + team.offer_ms
        tx.save_handoff(replace(handoff, offered_to=asked.id, offered_until=until))
        _record(tx, handoff, "handoff.offered", SYSTEM, {"agent_id": asked.id, "until": until})
    return asked


def _pass(tx: Tx, handoff: Handoff, why: str, actor: Actor = SYSTEM) -> None:
    """Until the time of a declined offer would have been over, who declined is not asked again."""
    agent_id = handoff.offered_to or ""
    until = handoff.offered_until if why == "declined" else tx.at
    tx.save_handoff(replace(handoff, offered_to=None, offered_until=until, passed=[*handoff.passed, agent_id]))
    _record(tx, handoff, "handoff.passed", actor, {"agent_id": agent_id, "why": why})


def _record(tx: Tx, handoff: Handoff, name: str, actor: Actor, data: dict[str, str | int]) -> None:
    tx.record(name, actor, conversation=tx.conversation(handoff.conversation_id), data=data)


def _last_agent(tx: Tx, handoff: Handoff) -> str | None:
    """Who had this customer before."""
    theirs = (_h.conversation_id == handoff.conversation_id, _h.assignee_id.is_not(None), _h.id != handoff.id)
    return tx.connection.scalar(sa.select(_h.assignee_id).where(*theirs).order_by(_h.assigned_at.desc()).limit(1))
