"""Short words by which people sort conversations."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.service.wording import storable
from handoff_server.transaction import Tx

MOST, LONGEST = 10, 40
MOST_LISTED = 200
_tag = t.conversation_tags.c


def tag(tx: Tx, agent: Agent, conversation_id: str, tags: Sequence[str]) -> None:
    """The conversation has these tags and no others. They are small letters, so nobody has to know how one is spelt."""
    wished = sorted({_clean(one) for one in tags})
    if len(wished) > MOST:
        raise Refusal("too_large", f"a conversation has at most {MOST} tags, not {len(wished)}", limit=MOST)
    conversation = tx.conversation(conversation_id)
    if conversation.tags == wished:
        return
    tx.save(replace(conversation, tags=wished))
    tx.connection.execute(t.conversation_tags.delete().where(_tag.conversation_id == conversation_id))
    if wished:
        rows = [{"tag": one, "conversation_id": conversation_id} for one in wished]
        tx.connection.execute(t.conversation_tags.insert(), rows)
    tx.record("conversation.tagged", agent.actor, conversation=conversation, data={"tags": wished})


def used(connection: sa.Connection) -> list[dict[str, Any]]:
    """Tags that conversations have, the most frequent first."""
    count = sa.func.count().label("count")
    query = sa.select(_tag.tag, count).group_by(_tag.tag).order_by(count.desc(), _tag.tag).limit(MOST_LISTED)
    return [dict(row) for row in connection.execute(query).mappings()]


def _clean(told: str) -> str:
    clean = " ".join(storable(told).lower().split())
    if not 0 < len(clean) <= LONGEST:
        raise Refusal("invalid_request", f"a tag has from 1 to {LONGEST} characters, not {len(clean)}")
    return clean
