"""What agents have typed and not sent. It is theirs alone, and lies here so that no closed lid loses it.

Whatever was typed last wins, by a time that every console gives: its own, set right by the hub's, and never before what
it has heard of the same draft. So a clock that is wrong loses nothing that is typed by who sees the newest words, and a
console that comes back with old ones is told of the newer.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.masking import mask_cards
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.wording import storable
from handoff_server.transaction import Tx

KINDS = ("reply", "note")
MAX_TEXT = 20_000  # more than a message may have: it is still being written
MOST = 200  # of one agent; the oldest go
_d = t.drafts.c


@dataclass(frozen=True)
class Draft:
    """An empty text says when it was emptied: an older one that comes later does not bring it back."""

    conversation_id: str
    kind: str
    text: str
    updated_at: int

    def shown(self) -> dict[str, Any]:
        return dict(vars(self))


def keep(tx: Tx, agent: Agent, draft: Draft) -> tuple[Draft, bool]:
    """What holds now, and whether it is this draft: it is not when a newer one is there."""
    if draft.kind not in KINDS:
        raise Refusal("invalid_request", f"kind {draft.kind[:10]!r} is not one of {', '.join(KINDS)}")
    tx.conversation(draft.conversation_id)
    there = _there(tx, agent.id, draft.conversation_id, draft.kind)
    before = there.updated_at if there else 0
    if there and draft.updated_at < before:
        return there, False
    # A clock that is ahead must not keep others from typing until that time has come.
    at = min(draft.updated_at, max(tx.at, before))
    kept = Draft(draft.conversation_id, draft.kind, mask_cards(storable(draft.text)), at)
    _write(tx, agent.id, kept, new=there is None)
    return kept, True


def sent(tx: Tx, agent: Agent, conversation_id: str, kind: str, text: str) -> None:
    """The words have become a message: should the console not come to emptying its draft, nobody sends it twice."""
    there = _there(tx, agent.id, conversation_id, kind)
    if there and there.text.strip() == text:
        _write(tx, agent.id, Draft(conversation_id, kind, "", max(tx.at, there.updated_at)), new=False)


def of(connection: sa.Connection, agent_id: str) -> list[dict[str, Any]]:
    """All that the agent has typed, the newest first."""
    own = sa.select(_d.conversation_id, _d.kind, _d.text, _d.updated_at).where(_d.agent_id == agent_id, _d.text != "")
    return [dict(row) for row in connection.execute(own.order_by(_d.updated_at.desc()).limit(MOST)).mappings()]


def _there(tx: Tx, agent_id: str, conversation_id: str, kind: str) -> Draft | None:
    row = tx.connection.execute(
        sa.select(_d.conversation_id, _d.kind, _d.text, _d.updated_at).where(*_key(agent_id, conversation_id, kind))
    ).first()
    return Draft(*row) if row else None


def _write(tx: Tx, agent_id: str, draft: Draft, new: bool) -> None:
    if new:
        _make_room(tx, agent_id)
        tx.connection.execute(t.drafts.insert().values(agent_id=agent_id, **vars(draft)))
        return
    key = _key(agent_id, draft.conversation_id, draft.kind)
    tx.connection.execute(t.drafts.update().where(*key).values(text=draft.text, updated_at=draft.updated_at))


def _make_room(tx: Tx, agent_id: str) -> None:
    """Those that were emptied go first, then the oldest."""
    own = sa.select(_d.conversation_id, _d.kind).where(_d.agent_id == agent_id)
    ranked = own.order_by(sa.case((_d.text == "", 1), else_=0), _d.updated_at.desc(), _d.conversation_id)
    for conversation_id, kind in tx.connection.execute(ranked.offset(MOST - 1)).all():
        tx.connection.execute(t.drafts.delete().where(*_key(agent_id, conversation_id, kind)))


def _key(agent_id: str, conversation_id: str, kind: str) -> tuple[sa.ColumnElement[bool], ...]:
    return _d.agent_id == agent_id, _d.conversation_id == conversation_id, _d.kind == kind
