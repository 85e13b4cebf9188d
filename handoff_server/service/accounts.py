"""Agents' accounts and sessions, and the widget's sessions. Only hashes of tokens are kept."""

import hashlib
import secrets
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Conversation
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.intake import open_conversation
from handoff_server.service.offers import offer_next, pass_on
from handoff_server.service.presence import arrive, leave
from handoff_server.service.speech import WEB
from handoff_server.transaction import Tx, new_id

ROLES = ("agent", "supervisor", "designer", "admin")
HOUR_MS = 60 * 60 * 1000
AGENT_SESSION_MS = 12 * HOUR_MS
WIDGET_SESSION_MS = 30 * 24 * HOUR_MS
RESET_MS = 24 * HOUR_MS


_SESSION_AGENT = (
    sa.select(t.agents.c.id, t.agents.c.name, t.agents.c.role)
    .join(t.agent_sessions, t.agent_sessions.c.agent_id == t.agents.c.id)
    .where(t.agent_sessions.c.token_hash == sa.bindparam("token"), t.agent_sessions.c.expires_at > sa.bindparam("at"))
    # Whoever was logging in while the account was removed has a session all the same.
    .where(t.agents.c.removed_at.is_(None))
)


def hashed(token: str) -> str:
    """Tokens hold 256 random bits, so a plain hash keeps them from whoever reads the database."""
    return hashlib.sha256(token.encode()).hexdigest()


def create_agent(tx: Tx, email: str, name: str, role: str, password_hash: str | None) -> Agent:
    if role not in ROLES:
        raise Refusal("invalid_request", f"role must be one of {', '.join(ROLES)}, not {role[:20]!r}")
    if find_password(tx.connection, email):
        raise Refusal("invalid_request", "an account with this e-mail exists already; use reset-password")
    agent = Agent(new_id("a"), name, role)
    values: dict[str, Any] = {"id": agent.id, "email": email.strip().lower(), "name": name, "role": role}
    tx.connection.execute(
        t.agents.insert().values(**values, password_hash=password_hash, presence="online", created_at=tx.at)
    )
    tx.record("agent.updated", agent.actor, agent_id=agent.id)
    return agent


def find_password(connection: sa.Connection, email: str) -> tuple[str, str | None] | None:
    """Agent id and password hash of an account."""
    a = t.agents.c
    row = connection.execute(sa.select(a.id, a.password_hash).where(a.email == email.strip().lower())).first()
    return (row.id, row.password_hash) if row else None


def open_session(tx: Tx, agent_id: str) -> str:
    """A token for the cookie; the caller has checked the password."""
    token = secrets.token_urlsafe(32)
    tx.connection.execute(t.agent_sessions.delete().where(t.agent_sessions.c.expires_at < tx.at))
    row = {"token_hash": hashed(token), "agent_id": agent_id, "expires_at": tx.at + AGENT_SESSION_MS}
    tx.connection.execute(t.agent_sessions.insert().values(**row, created_at=tx.at))
    return token


def session_agent(connection: sa.Connection, token: str, at: int) -> Agent:
    """Who holds the session. Refusal `unauthorized` when there is none."""
    row = connection.execute(_SESSION_AGENT, {"token": hashed(token), "at": at}).first()
    if row is None:
        raise Refusal("unauthorized", "there is no such session, or it has ended; log in")
    return Agent(*row)


def end_session(tx: Tx, token: str) -> None:
    tx.connection.execute(t.agent_sessions.delete().where(t.agent_sessions.c.token_hash == hashed(token)))


def allow_reset(tx: Tx, email: str) -> str:
    """A token with which a new password can be set once, within a day."""
    account = find_password(tx.connection, email)
    if account is None:
        raise Refusal("invalid_request", "there is no account with this e-mail; see create-admin")
    token = secrets.token_urlsafe(32)
    tx.connection.execute(
        t.password_resets.insert().values(token_hash=hashed(token), agent_id=account[0], expires_at=tx.at + RESET_MS)
    )
    return token


def set_password(tx: Tx, token: str, password_hash: str) -> None:
    """Uses the reset token up; every session of the account ends."""
    r = t.password_resets.c
    agent_id = tx.connection.scalar(sa.select(r.agent_id).where(r.token_hash == hashed(token), r.expires_at > tx.at))
    if agent_id is None:
        raise Refusal("unauthorized", "this link has been used or has expired; ask for a new one")
    tx.connection.execute(t.password_resets.delete().where(r.agent_id == agent_id))
    tx.connection.execute(t.agent_sessions.delete().where(t.agent_sessions.c.agent_id == agent_id))
    tx.connection.execute(t.agents.update().where(t.agents.c.id == agent_id).values(password_hash=password_hash))


def set_presence(tx: Tx, agent: Agent, presence: str) -> None:
    if presence not in ("online", "away"):
        raise Refusal("invalid_request", f"presence must be online or away, not {presence[:20]!r}")
    a = t.agents.c
    since = sa.case((a.presence == presence, a.presence_at), else_=tx.at)
    tx.connection.execute(
        t.agents.update().where(a.id == agent.id).values(presence=presence, presence_at=since, missed=0)
    )
    tx.record("agent.updated", agent.actor, agent_id=agent.id, data={"presence": presence})
    if presence == "away":
        pass_on(tx, agent.id)
    offer_next(tx)


def connected(tx: Tx, agent: Agent, there: bool) -> None:
    """An agent's first console came, or the last one went."""
    if there:
        arrive(tx, agent.id, agent.actor)
    else:
        leave(tx, agent.id, tx.at, agent.actor)


def nobody_connected(tx: Tx) -> None:
    """At the start of the server: heartbeats of before say nothing any more, and consoles that come back hear of it.
    They have as long for that as after any other loss."""
    a = t.agents.c
    for agent_id in tx.connection.scalars(sa.select(a.id).where(a.seen_at.is_not(None)).order_by(a.id)).all():
        leave(tx, agent_id, tx.at)


def open_widget_session(
    tx: Tx, account: str, language: str, source: str | None = None, most: int = 500
) -> dict[str, Any]:
    """A token bound to a new conversation of its own. One `source` gets at most `most` of them a day."""
    w = t.widget_sessions.c
    today = sa.select(sa.func.count()).where(w.source == source, w.created_at > tx.at - 24 * HOUR_MS)
    if source and (tx.connection.scalar(today) or 0) >= most:
        raise Refusal("rate_limited", "too many new conversations from one address today", retry_after=3600)
    conversation = open_conversation(tx, WEB, account, language)
    token = secrets.token_urlsafe(32)
    expires_at = tx.at + WIDGET_SESSION_MS
    row = {"token_hash": hashed(token), "conversation_id": conversation.id, "expires_at": expires_at, "source": source}
    tx.connection.execute(t.widget_sessions.insert().values(**row, created_at=tx.at))
    return {"token": token, "expires_at": expires_at, "conversation_id": conversation.id}


def widget_conversation(connection: sa.Connection, token: str, at: int) -> Conversation:
    """The one conversation that a widget's token opens. Refusal `unauthorized` when it opens none."""
    w = t.widget_sessions.c
    query = (
        sa.select(t.conversations)
        .join(t.widget_sessions, w.conversation_id == t.conversations.c.id)
        .where(w.token_hash == hashed(token), w.expires_at > at)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        raise Refusal("unauthorized", "this session is unknown or has expired; ask for a new one")
    return Conversation(**row)
