"""Accounts: who may log in, and as what. For admins. Whoever is new, or forgot, gets a link to set a password with."""

import re
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk
from handoff_server.service.agent import Agent
from handoff_server.service.offers import offer_next, pass_on
from handoff_server.transaction import Tx, new_id

MAX_NAME = 120
_a = t.agents.c
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")


def listed(connection: sa.Connection, at: int) -> list[dict[str, Any]]:
    """Everybody with an account, by name. `password`: whether one has been set; `sessions`: how many are open."""
    s = t.agent_sessions.c
    sessions = sa.select(sa.func.count()).where(s.agent_id == _a.id, s.expires_at > at).scalar_subquery()
    rows = connection.execute(
        sa.select(_a.id, _a.name, _a.email, _a.role, _a.created_at, _a.password_hash, sessions.label("sessions"))
        .where(_a.removed_at.is_(None))
        .order_by(_a.name, _a.id)
    ).mappings()
    return [
        {**{k: v for k, v in row.items() if k != "password_hash"}, "password": bool(row["password_hash"])}
        for row in rows
    ]


def create(tx: Tx, by: Agent, name: str, email: str, role: str) -> tuple[str, str]:
    """The account's id, and the token of a link to set its password. An e-mail that was somebody's who left: that
    account again, so that one person stays one."""
    require_admin(by)
    _require_role(role)
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise Refusal("invalid_request", "email is no address; write one such as ana@company.com", field="email")
    name = _name(name)
    before = tx.connection.execute(sa.select(_a.id, _a.removed_at).where(_a.email == address)).first()
    if before and before.removed_at is None:
        raise Refusal("invalid_request", "an account with this e-mail exists already", field="email")
    values: dict[str, Any] = {"name": name, "role": role, "password_hash": None, "presence": "online"}
    if before:
        agent_id = before.id
        tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(**values, removed_at=None))
    else:
        agent_id = new_id("a")
        row = {"id": agent_id, "email": address, "created_at": tx.at}
        tx.connection.execute(t.agents.insert().values(**values, **row))
    tx.record("agent.created", by.actor, agent_id=agent_id, data={"name": name, "role": role})
    return agent_id, accounts.allow_reset(tx, address)


def change_role(tx: Tx, by: Agent, agent_id: str, role: str) -> None:
    """Its sessions end: what a console shows and may do is another thing in another role. Who becomes a designer serves
    nobody any more: what that agent has goes back to the queue, and what is offered goes on."""
    require_admin(by)
    _require_role(role)
    before = _account(tx, agent_id)
    if before.role == role:
        return
    require_other_admin(tx, agent_id)
    tx.connection.execute(t.agents.update().where(_a.id == agent_id).values(role=role))
    tx.connection.execute(t.agent_sessions.delete().where(t.agent_sessions.c.agent_id == agent_id))
    if role == "designer":
        desk.release_all(tx, Agent(agent_id, before.name, before.role), "role")
        pass_on(tx, agent_id)
    data = {"role": role, "before": before.role}
    tx.record("agent.role_changed", by.actor, agent_id=agent_id, data=data)
    offer_next(tx)


def reset_link(tx: Tx, by: Agent, agent_id: str) -> str:
    """A token with which a new password can be set once, within a day. Until then the old one holds."""
    require_admin(by)
    token = accounts.allow_reset(tx, _account(tx, agent_id).email)
    tx.record("agent.reset_allowed", by.actor, agent_id=agent_id)
    return token


def require_admin(by: Agent) -> None:
    if by.role != "admin":
        raise Refusal("forbidden", "this is for admins")


def require_other_admin(tx: Tx, agent_id: str) -> None:
    """Somebody must be left who can look after the accounts."""
    admins = sa.select(_a.id).where(_a.role == "admin", _a.removed_at.is_(None))
    if tx.connection.scalars(admins).all() == [agent_id]:
        raise Refusal("last_admin", "this is the last admin; make somebody else one first")


def _account(tx: Tx, agent_id: str) -> Any:
    row = tx.connection.execute(
        sa.select(_a.id, _a.name, _a.email, _a.role).where(_a.id == agent_id, _a.removed_at.is_(None))
    ).first()
    if row is None:
        raise Refusal("unknown_agent", f"there is no agent {agent_id[:40]!r}; ask for the list again")
    return row


def _name(name: str) -> str:
    if not (clean := name.strip()) or len(clean) > MAX_NAME:
        raise Refusal("invalid_request", f"name has 1 to {MAX_NAME} characters", field="name")
    return clean


def _require_role(role: str) -> None:
    if role not in accounts.ROLES:
        known = ", ".join(accounts.ROLES)
        raise Refusal("invalid_request", f"role {role[:20]!r} is not one of {known}", field="role")
