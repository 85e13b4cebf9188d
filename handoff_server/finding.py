"""Full-text search: in what was said, and in what a conversation can be called by (`keywords`).

Both are walked from the newest to the oldest, so the first page costs the same in a year as today. What is looked at
in one call is bounded: behind a filter that lets hardly anything pass a page may be short, and `next` tells where to go
on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.filters import Condition
from handoff_server.listing import shown_as_asked
from handoff_server.refusal import Refusal
from handoff_server.words import excerpt, words

PAGE = 30  # conversations
BATCH = 100  # hits that are looked at together
BATCHES = 10
_END = 2**53
_CURSOR = re.compile(r"([0-9]{1,16}):([0-9]{1,16})")


class Hit(NamedTuple):
    """`id` of a message or of a keyword; `after`: the message that it stands behind in time."""

    after: int
    is_keyword: bool
    id: int


@dataclass(frozen=True)
class Place:
    """How far a search has come: what is older than these is still to be looked at."""

    message: int = _END
    keyword: int = _END

    @classmethod
    def read(cls, cursor: str | None) -> "Place":
        if cursor is None:
            return cls()
        told = _CURSOR.fullmatch(cursor)
        if told is None:
            raise Refusal("invalid_request", "cursor is none that a search has given; begin without one")
        return cls(int(told[1]), int(told[2]))

    def behind(self, hit: Hit) -> "Place":
        return replace(self, **{"keyword" if hit.is_keyword else "message": hit.id})

    def __str__(self) -> str:
        return f"{self.message}:{self.keyword}"


def found(
    connection: sa.Connection, text: str, conditions: Sequence[Condition], cursor: str | None, at: int
) -> dict[str, Any]:
    """The newest conversations in which all words stand together, in a message or among its keywords; the last word may
    be unfinished. Each once, with its newest hit; a later page may bring it again with an older one."""
    place, wanted = Place.read(cursor), words(text)
    hits: dict[str, tuple[int | None, str]] = {}
    more = bool(wanted)
    for _ in range(BATCHES):
        if not more or len(hits) == PAGE:
            break
        batch = newest(connection, wanted, place)
        more = len(batch) == BATCH
        for hit, conversation_id, said in _told(connection, batch, conditions):
            if len(hits) == PAGE:
                more = True
                break
            place = place.behind(hit)
            if conversation_id is not None and conversation_id not in hits:
                hits[conversation_id] = (None if hit.is_keyword else hit.id, excerpt(said, wanted))
    shown = shown_as_asked(connection, list(hits), at)
    entries = [{"conversation": one, "message_id": hits[one["id"]][0], "excerpt": hits[one["id"]][1]} for one in shown]
    return {"found": entries, "next": str(place) if more else None}


def newest(connection: sa.Connection, wanted: Sequence[str], place: Place) -> list[Hit]:
    """The next hits behind this place, at most `BATCH`, in messages and keywords."""
    said = [Hit(one, False, one) for one in _search(connection, "message", wanted, place.message)]
    called = _search(connection, "keyword", wanted, place.keyword)
    k = t.keywords.c
    rows = connection.execute(sa.select(k.after_message_id, k.id).where(k.id.in_(called))).all() if called else []
    return sorted([*said, *(Hit(row.after_message_id, True, row.id) for row in rows)], reverse=True)[:BATCH]


def _search(connection: sa.Connection, kind: str, wanted: Sequence[str], before: int) -> Sequence[int]:
    """Ids of messages or keywords with all these words, the newest first."""
    parameters: dict[str, Any] = {"before": before, "most": BATCH}
    if connection.dialect.name == "sqlite":
        parameters["words"] = " ".join(f'"{word}"' for word in wanted) + "*"
        return connection.scalars(_SQLITE[kind], parameters).all()
    parameters |= {f"word{number}": word for number, word in enumerate(wanted)}
    return connection.scalars(_postgres(kind, len(wanted)), parameters).all()


_SQLITE = {
    kind: sa.text(
        f"SELECT rowid FROM {kind}_words WHERE {kind}_words MATCH :words AND rowid < :before "  # noqa: S608  # ours
        "ORDER BY rowid DESC LIMIT :most"
    )
    for kind in ("message", "keyword")
}


def _postgres(kind: str, count: int) -> sa.TextClause:
    terms = [f"to_tsquery('simple', '''' || folded(:word{number}) || '''')" for number in range(count)]
    terms[-1] = terms[-1].removesuffix("'''')") + "''':*')"
    return sa.text(
        f"SELECT id FROM {kind}_words WHERE words @@ ({' && '.join(terms)}) AND id < :before "  # noqa: S608  # ours
        "ORDER BY id DESC LIMIT :most"
    )


def _told(
    connection: sa.Connection, batch: Sequence[Hit], conditions: Sequence[Condition]
) -> Iterator[tuple[Hit, str | None, str]]:
    """Each hit with its conversation and text; None where the conversation does not meet the conditions."""
    c = t.conversations.c
    texts: dict[tuple[bool, int], tuple[str, str]] = {}
    for is_keyword, table in ((False, t.messages), (True, t.keywords)):
        if ids := [hit.id for hit in batch if hit.is_keyword == is_keyword]:
            query = sa.select(table.c.id, table.c.text, c.id).join_from(table, t.conversations)
            rows = connection.execute(query.where(table.c.id.in_(ids), *conditions))
            texts |= {(is_keyword, row[0]): (row[2], row[1]) for row in rows}
    for hit in batch:
        conversation_id, said = texts.get((hit.is_keyword, hit.id), (None, ""))
        yield hit, conversation_id, said
