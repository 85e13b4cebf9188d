"""Who works here and what they can do: edited by supervisors, any day."""

from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import SUPERVISORS
from handoff_server.refusal import Refusal
from handoff_server.service import desk, users
from handoff_server.service.agent import Agent
from handoff_server.service.offers import offer_next, pass_on
from handoff_server.texts import LANGUAGES
from handoff_server.transaction import Tx

MAX_CAPACITY = 50


def edit(
    tx: Tx, by: Agent, agent_id: str, capacity: int, teams: list[str], skills: list[str], languages: list[str]
) -> None:
    """Teams (none: the default team), skills, languages (none: all), and how many conversations at once."""
    _require_supervisor(by)
    _known(tx, agent_id)
    _require_known("team", teams, tuple(tx.policy.teams))
    _require_known("skill", skills, tx.policy.skills)
    _require_known("language", languages, LANGUAGES)
    if capacity > MAX_CAPACITY:
        raise Refusal("invalid_request", f"capacity {capacity} is more than {MAX_CAPACITY} conversations at once")
    values = {"teams": teams, "skills": skills, "languages": languages, "capacity": capacity}
    tx.connection.execute(t.agents.update().where(t.agents.c.id == agent_id).values(values))
    tx.record("agent.updated", by.actor, agent_id=agent_id, data=values)
    offer_next(tx)


def start_with(tx: Tx, email: str, abilities: dict[str, Any]) -> None:
    """What somebody of the demo can do from the first day on."""
    if abilities:
        tx.connection.execute(t.agents.update().where(t.agents.c.email == email).values(**abilities))


def remove(tx: Tx, by: Agent, agent_id: str) -> None:
    """The account ends: nobody logs in with it again, and what the agent has open goes back to the queue. What was
    written stays, with its name."""
    _require_supervisor(by)
    leaving = _known(tx, agent_id)
    if agent_id == by.id:
        raise Refusal("invalid_request", "you cannot remove yourself; ask another supervisor")
    if leaving.role == "admin":
        users.require_admin(by)
        users.require_other_admin(tx, agent_id)
    desk.release_all(tx, leaving, "removed")
    tx.connection.execute(t.agent_sessions.delete().where(t.agent_sessions.c.agent_id == agent_id))
    tx.connection.execute(t.password_resets.delete().where(t.password_resets.c.agent_id == agent_id))
    gone = {"removed_at": tx.at, "password_hash": None, "presence": "away", "seen_at": None, "gone_at": None}
    tx.connection.execute(t.agents.update().where(t.agents.c.id == agent_id).values(**gone, left_at=tx.at))
    tx.record("agent.removed", by.actor, agent_id=agent_id, data={"name": leaving.name})
    pass_on(tx, agent_id)
    offer_next(tx)


def _require_known(what: str, wanted: list[str], known: tuple[str, ...]) -> None:
    if unknown := [one for one in wanted if one not in known]:
        raise Refusal("invalid_request", f"{what} {unknown[0][:40]!r} is not one of {', '.join(known) or '(none)'}")


def _known(tx: Tx, agent_id: str) -> Agent:
    a = t.agents.c
    row = tx.connection.execute(sa.select(a.id, a.name, a.role).where(a.id == agent_id, a.removed_at.is_(None))).first()
    if row is None:
        raise Refusal("invalid_request", f"there is no agent {agent_id[:40]!r}")
    return Agent(*row)


def _require_supervisor(by: Agent) -> None:
    if by.role not in SUPERVISORS:
        raise Refusal("forbidden", f"this is for {' and '.join(SUPERVISORS)}s")
