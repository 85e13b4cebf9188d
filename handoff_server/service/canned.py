"""Replies that agents keep for what comes again and again: everybody's, and one's own."""

import re
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import SUPERVISORS
from handoff_server.masking import mask_cards
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.wording import storable
from handoff_server.texts import LANGUAGES
from handoff_server.transaction import Tx, new_id

CHANGED = "canned.changed"
MAX_TEXT = 2_000
MOST = 500  # of everybody, and again of each agent
VARIABLES = ("customer", "agent", "case", "order")  # filled in by the console (docs/protocol.md §3)
_SHORTCUT = re.compile(r"[a-z0-9áéíóúñ_-]{1,40}")
_IN_BRACES = re.compile(r"\{([^{}\n]*)\}")
_c = t.canned_replies.c


def listed(connection: sa.Connection, agent_id: str) -> list[dict[str, Any]]:
    """Everybody's and the agent's own, by shortcut."""
    there = sa.select(t.canned_replies).where(sa.or_(_c.agent_id.is_(None), _c.agent_id == agent_id))
    rows = connection.execute(there.order_by(_c.shortcut, _c.id)).mappings()
    return [
        {name: row[name] for name in ("id", "shortcut", "texts", "used")} | {"own": row["agent_id"] is not None}
        for row in rows
    ]


def keep(tx: Tx, agent: Agent, canned_id: str | None, shortcut: str, texts: dict[str, Any], own: bool) -> str:
    """The id of the reply that is new, or changed. Whose it is stays as it was made."""
    _require_may_write(agent, own)
    scope = agent.id if own else None
    if canned_id is not None and _of(tx, agent, canned_id).agent_id != scope:
        raise Refusal("invalid_request", f"own of reply {canned_id} cannot change; make a new one and drop this")
    values = {"shortcut": _shortcut(shortcut), "texts": _texts(texts), "updated_at": tx.at}
    _require_free(tx, scope, shortcut, canned_id)
    if canned_id is None:
        _require_room(tx, scope)
        canned_id = new_id("r")
        tx.connection.execute(t.canned_replies.insert().values(id=canned_id, agent_id=scope, **values))
    else:
        tx.connection.execute(t.canned_replies.update().where(_c.id == canned_id).values(values))
    tx.record(CHANGED, agent.actor)
    return canned_id


def start_with(tx: Tx, replies: dict[str, dict[str, str]]) -> None:
    """Everybody's first ones, by shortcut; where there are any already, nothing is added."""
    if tx.connection.scalar(sa.select(_c.id).where(_in(None)).limit(1)):
        return
    for shortcut, texts in replies.items():
        row = {"id": new_id("r"), "agent_id": None, "shortcut": _shortcut(shortcut), "texts": _texts(texts)}
        tx.connection.execute(t.canned_replies.insert().values(**row, updated_at=tx.at))


def drop(tx: Tx, agent: Agent, canned_id: str) -> None:
    _require_may_write(agent, own=_of(tx, agent, canned_id).agent_id is not None)
    tx.connection.execute(t.canned_replies.delete().where(_c.id == canned_id))
    tx.record(CHANGED, agent.actor)


def used(tx: Tx, agent: Agent, canned_id: str) -> None:
    """It has become a message. One that was dropped meanwhile is no reason to refuse that."""
    reachable = sa.or_(_c.agent_id.is_(None), _c.agent_id == agent.id)
    tx.connection.execute(t.canned_replies.update().where(_c.id == canned_id, reachable).values(used=_c.used + 1))


def _of(tx: Tx, agent: Agent, canned_id: str) -> Any:
    """Its row. A colleague's own does not exist for others."""
    found = tx.connection.execute(sa.select(_c.id, _c.agent_id).where(_c.id == canned_id)).first()
    if found is None or found.agent_id not in (None, agent.id):
        raise Refusal("invalid_request", f"there is no canned reply {canned_id[:40]!r}; ask for the list again")
    return found


def _require_may_write(agent: Agent, own: bool) -> None:
    if agent.role == "designer":
        raise Refusal("forbidden", "designers only read; canned replies are for those who answer")
    if not own and agent.role not in SUPERVISORS:
        raise Refusal("forbidden", "everybody's replies are for supervisors and admins; keep it as your own")


def _shortcut(shortcut: str) -> str:
    if not _SHORTCUT.fullmatch(shortcut):
        raise Refusal(
            "invalid_request",
            f"shortcut {shortcut[:40]!r} may have a-z, á é í ó ú ñ, 0-9, - and _ only, and at most 40 of them",
        )
    return shortcut


def _texts(texts: dict[str, Any]) -> dict[str, str]:
    """Language → text; "" where there is none. One language at least."""
    if unknown := sorted(texts.keys() - set(LANGUAGES)):
        raise Refusal("invalid_request", f"texts: {unknown[0][:10]!r} is not one of {', '.join(LANGUAGES)}")
    kept = {language: _text(language, texts.get(language) or "") for language in LANGUAGES}
    if not any(kept.values()):
        raise Refusal("invalid_request", f"texts are empty; write it in {' or '.join(LANGUAGES)}")
    return kept


def _text(language: str, text: Any) -> str:
    if not isinstance(text, str):
        raise Refusal("invalid_request", f"texts.{language} must be a text")
    clean = mask_cards(storable(text).strip())
    if len(clean) > MAX_TEXT:
        raise Refusal(
            "too_large", f"texts.{language} has at most {MAX_TEXT} characters, not {len(clean)}", limit=MAX_TEXT
        )
    for name in _IN_BRACES.findall(clean):
        if name not in VARIABLES:
            known = ", ".join(f"{{{one}}}" for one in VARIABLES)
            raise Refusal(
                "invalid_request", f"texts.{language}: {{{name[:40]}}} is not one of {known}; no other braces"
            )
    return clean


def _require_free(tx: Tx, scope: str | None, shortcut: str, canned_id: str | None) -> None:
    taken = tx.connection.scalar(sa.select(_c.id).where(_c.shortcut == shortcut, _in(scope)))
    if taken not in (None, canned_id):
        raise Refusal("invalid_request", f"shortcut {shortcut!r} is taken; choose another, or change that reply")


def _require_room(tx: Tx, scope: str | None) -> None:
    count = tx.connection.scalar(sa.select(sa.func.count()).where(_in(scope))) or 0
    if count >= MOST:
        raise Refusal("too_large", f"there are {count} canned replies already; drop one first", limit=MOST)


def _in(scope: str | None) -> sa.ColumnElement[bool]:
    return _c.agent_id.is_(None) if scope is None else _c.agent_id == scope
