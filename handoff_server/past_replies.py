"""What agents have answered to customers who asked the like. Read once a minute; pure on what was read."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.shareable import common_words, content_of, is_shareable, sameness
from handoff_server.texts import LANGUAGES, texts

NEWEST = 300  # replies that are looked at
ALIKE = 0.4  # share of the words that two questions have in common, when their intents differ or are not known


@dataclass(frozen=True)
class Question:
    intent: str | None
    content: frozenset[str]

    def likeness(self, other: "Question") -> float:
        """From 0 to 2; what is alike enough has an intent, or `ALIKE` of its words, in common."""
        both = len(self.content | other.content)
        words = len(self.content & other.content) / both if both else 0.0
        same = self.intent is not None and self.intent == other.intent
        return words + 1 if same else words if words >= ALIKE else 0.0


@dataclass(frozen=True)
class Past:
    conversation_id: str
    language: str
    question: Question
    text: str


def question_of(text: str, understanding: dict[str, Any] | None) -> Question:
    intent = ((understanding or {}).get("intent") or {}).get("name")
    return Question(None if intent in (None, "nlu_fallback", "out_of_scope") else intent, content_of(text))


def read(connection: sa.Connection) -> list[Past]:
    """The newest replies that followed a customer's words at once and hold nothing personal, newest first."""
    rows = connection.execute(_NEWEST).all()
    said: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        said[row.conversation_id] += [row.text, row.asked]
    common = common_words(said.values(), _ours(connection))
    return [
        Past(row.conversation_id, row.language, question_of(row.asked, row.understanding), row.text)
        for row in rows
        if is_shareable(row.text, common)
    ]


def _ours(connection: sa.Connection) -> list[str]:
    """What was written for everybody: it names no customer."""
    c = t.canned_replies.c
    canned = connection.scalars(sa.select(c.texts).where(c.agent_id.is_(None))).all()
    own = [text for language in LANGUAGES for text in texts(language).values() if isinstance(text, str)]
    return own + [text for one in canned for text in one.values()]


def similar(past: list[Past], question: Question, language: str, conversation_id: str, most: int) -> list[str]:
    """The replies that were given most often to the like, each once; of equal ones the likest, then the newest."""
    times: dict[str, int] = defaultdict(int)
    best: dict[str, tuple[float, str]] = {}
    for one in past:
        likeness = question.likeness(one.question)
        if one.language != language or one.conversation_id == conversation_id or not likeness:
            continue
        key = sameness(one.text)
        times[key] += 1
        if likeness > best.get(key, (0.0, ""))[0]:
            best[key] = likeness, one.text
    ranked = sorted(best, key=lambda key: (times[key], best[key][0]), reverse=True)
    return [best[key][1] for key in ranked[:most]]


_reply, _asked, _earlier = t.messages.alias("reply"), t.messages.alias("asked"), t.messages.alias("earlier")
# Written out, since no database uses a partial index for a condition that it does not see.
_BY_AGENTS = sa.text("reply.author = 'agent'")
_before = (
    sa.select(sa.func.max(_earlier.c.id))
    .where(_earlier.c.conversation_id == _reply.c.conversation_id, _earlier.c.id < _reply.c.id)
    .where(_earlier.c.private.is_(False))
    .correlate(_reply)
    .scalar_subquery()
)
_NEWEST = (
    sa.select(
        _reply.c.conversation_id,
        _reply.c.text,
        t.conversations.c.language,
        _asked.c.text.label("asked"),
        _asked.c.understanding,
    )
    .select_from(_reply)
    .join(_asked, _asked.c.id == _before)
    .join(t.conversations, t.conversations.c.id == _reply.c.conversation_id)
    .where(_BY_AGENTS, _reply.c.private.is_(False), _asked.c.author == "customer")
    .order_by(_reply.c.id.desc())
    .limit(NEWEST)
)
