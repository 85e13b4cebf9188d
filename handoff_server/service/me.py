"""What agents keep of themselves: name, password, sessions, and how the console shows itself to them."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service.accounts import hashed
from handoff_server.service.agent import Agent
from handoff_server.transaction import Tx

MAX_BYTES = 4_000  # of name and preferences together
Answer = dict[str, Any]
Switch = Literal["on", "off"]
Time = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _QuietHours(_Strict):
    """Times of day of the agent's device; over midnight where `from` is the later one."""

    begin: Time = Field(alias="from")
    until: Time


class Preferences(_Strict):
    """Of the console. What is left out is the console's own choice."""

    language: Literal["es", "en"] | None = None
    theme: Literal["system", "light", "dark"] | None = None
    density: Literal["comfortable", "compact"] | None = None
    shortcuts: Switch | None = None
    send_key: Literal["enter", "ctrl_enter"] | None = None
    sounds: Switch | None = None
    sound_events: list[Literal["queued", "assigned", "message", "mention"]] | None = Field(None, max_length=4)
    volume: int | None = Field(None, ge=0, le=100)
    repeat: Switch | None = None
    only_hidden: Switch | None = None
    quiet_hours: _QuietHours | None = None
    understanding: Switch | None = None
    folded: list[Annotated[str, Field(max_length=20)]] | None = Field(None, max_length=20)


def about(connection: sa.Connection, agent: Agent, token: str, at: int) -> Answer:
    """The account, its preferences, and how many other sessions it has."""
    a, s = t.agents.c, t.agent_sessions.c
    row = connection.execute(sa.select(a.email, a.preferences).where(a.id == agent.id)).one()
    others = sa.select(sa.func.count()).where(s.agent_id == agent.id, s.token_hash != hashed(token), s.expires_at > at)
    account = {"id": agent.id, "name": agent.name, "role": agent.role, "email": row.email}
    return {"agent": account, "preferences": row.preferences, "other_sessions": connection.scalar(others) or 0}


def change(tx: Tx, agent: Agent, name: str | None, chosen: Any) -> None:
    """What is chosen, beside what was, and a new name if one is given: all of it or nothing."""
    _prefer(tx, agent, chosen)
    if name is not None:
        _rename(tx, agent, name)


def _prefer(tx: Tx, agent: Agent, chosen: Any) -> None:
    """Keeps what is chosen beside what was. The event says only that something is another: the agent's own consoles
    ask again."""
    try:
        wanted = Preferences.model_validate(chosen)
    except ValidationError as wrong:
        one = wrong.errors()[0]
        place = ".".join(map(str, one["loc"]))[:60]
        raise Refusal("invalid_request", f"preferences.{place}: {one['msg']}") from None
    a = t.agents.c
    before = tx.connection.scalar(sa.select(a.preferences).where(a.id == agent.id)) or {}
    kept = before | wanted.model_dump(by_alias=True, exclude_unset=True)
    if kept != before:
        tx.connection.execute(t.agents.update().where(a.id == agent.id).values(preferences=kept))
        tx.record("agent.preferred", agent.actor)


def _rename(tx: Tx, agent: Agent, name: str) -> None:
    """What was written before keeps the name it was written under."""
    if not (name := name.strip()):
        raise Refusal("invalid_request", "name must not be empty")
    tx.connection.execute(t.agents.update().where(t.agents.c.id == agent.id).values(name=name))
    tx.record("agent.updated", agent.actor, agent_id=agent.id, data={"name": name})


def password_hash(connection: sa.Connection, agent_id: str) -> str | None:
    a = t.agents.c
    return connection.scalar(sa.select(a.password_hash).where(a.id == agent_id))


def change_password(tx: Tx, agent: Agent, token: str, password_hash: str) -> None:
    """The caller has checked the old one. Whoever else was logged in with it is so no longer."""
    tx.connection.execute(t.agents.update().where(t.agents.c.id == agent.id).values(password_hash=password_hash))
    tx.connection.execute(t.password_resets.delete().where(t.password_resets.c.agent_id == agent.id))
    end_other_sessions(tx, agent, token)
    tx.record("agent.password_changed", agent.actor, agent_id=agent.id)


def end_other_sessions(tx: Tx, agent: Agent, token: str) -> int:
    """Every session of the agent but this one; how many there were."""
    s = t.agent_sessions.c
    ended = tx.connection.execute(
        t.agent_sessions.delete().where(s.agent_id == agent.id, s.token_hash != hashed(token))
    )
    return ended.rowcount
