"""Replies proposed to an agent: what the bot would say to the customer's last words, what colleagues said to the like.

They come within a blink or not at all. What was not ready in time is there when it is asked for again.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from handoff_server import past_replies
from handoff_server import tables as t
from handoff_server.beside import Beside
from handoff_server.conversations import Conversation
from handoff_server.past_replies import Past
from handoff_server.refusal import Refusal
from handoff_server.service.agent import Agent
from handoff_server.store import Committed, Store

log = structlog.get_logger()
MOST = 3
PATIENCE_SECONDS = 0.25
PAST_SECONDS = 60  # how long what was read is used
REMEMBERED = 200  # answers of the bot
TAKEN_BACK = ("conversation.erased", "message.deleted")

Suggestion = dict[str, str]


@dataclass(frozen=True)
class Asked:
    """The customer's last words, that nobody has answered."""

    conversation: Conversation
    message_id: int
    text: str
    understanding: dict[str, Any] | None


class Words(NamedTuple):
    """What the bot was asked. A message that its customer corrects asks something else."""

    conversation_id: str
    message_id: int
    text: str


class Suggestions:
    def __init__(self, store: Store, beside: Beside) -> None:
        self._store = store
        self._beside = beside
        self._past: list[Past] = []
        self._read_at = 0.0
        self._reading: asyncio.Task[list[Past]] | None = None
        self._answers: OrderedDict[Words, asyncio.Task[Suggestion | None]] = OrderedDict()
        store.listen(self._committed)

    async def of(self, agent: Agent, conversation_id: str) -> list[Suggestion]:
        """At most `MOST`, the bot's first. An assistant or a store in trouble makes them fewer, never an error."""
        asked = await self._store.read(_asked, conversation_id)
        if asked is None:
            return []
        bot, colleagues = await asyncio.gather(self._bot(agent, asked), self._colleagues(asked))
        found = [*([bot] if bot else []), *colleagues]
        return list({one["text"]: one for one in reversed(found)}.values())[::-1][:MOST]

    def _committed(self, committed: Committed) -> None:
        """What customers have taken back is proposed to nobody any more, nor is what was said to it."""
        taken_back = {one["conversation_id"] for one in committed.change["events"] if one["name"] in TAKEN_BACK}
        if taken_back:
            self._past, self._reading = [], None
            for words in [one for one in self._answers if one.conversation_id in taken_back]:
                self._answers.pop(words).cancel()

    async def _bot(self, agent: Agent, asked: Asked) -> Suggestion | None:
        words = Words(asked.conversation.id, asked.message_id, asked.text)
        task = self._answers.get(words)
        if task is None:
            task = self._answers[words] = asyncio.create_task(self._answer(agent, asked))
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        await asyncio.wait([task], timeout=PATIENCE_SECONDS)
        found = task.result() if task.done() and not task.cancelled() else None
        if task.done() and found is None:
            self._answers.pop(words, None)  # it may know better in a moment: what was meant is heard later
        return found

    async def _answer(self, agent: Agent, asked: Asked) -> Suggestion | None:
        try:
            answer = await self._beside.would_say(agent, asked.conversation, asked.text, asked.understanding)
        except Refusal:
            return None
        except Exception:  # the agent has one suggestion less, and is told nothing of it
            log.exception("suggestions.no_answer")
            return None
        return {"kind": "bot", "text": answer.text, "why": answer.intent} if answer else None

    async def _colleagues(self, asked: Asked) -> list[Suggestion]:
        if self._reading is None or time.monotonic() - self._read_at > PAST_SECONDS:
            self._read_at, self._reading = time.monotonic(), asyncio.create_task(self._read())
        reading = self._reading
        await asyncio.wait([reading], timeout=PATIENCE_SECONDS)
        if reading.done() and reading is self._reading:  # else something was taken back meanwhile
            self._past = reading.result()
        question = past_replies.question_of(asked.text, asked.understanding)
        conversation = asked.conversation
        texts = past_replies.similar(self._past, question, conversation.language, conversation.id, MOST)
        return [{"kind": "agent", "text": text, "why": "similar"} for text in texts]

    async def _read(self) -> list[Past]:
        before = self._past
        try:
            return await self._store.read(past_replies.read)
        except Refusal:  # what was read before is good for another while
            log.warning("suggestions.not_read")
            return before


def _asked(connection: sa.Connection, conversation_id: str) -> Asked | None:
    """None when no person has the conversation, or its last words are not the customer's own."""
    c, m = t.conversations.c, t.messages.c
    row = connection.execute(sa.select(t.conversations).where(c.id == conversation_id)).mappings().first()
    if row is None:
        raise Refusal("unknown_conversation", f"there is no conversation {conversation_id[:40]}")
    newest = sa.select(m.id, m.author, m.text, m.payload, m.understanding).where(m.conversation_id == conversation_id)
    last = connection.execute(newest.where(m.private.is_(False)).order_by(m.id.desc()).limit(1)).first()
    if row["owner"] != "agent" or last is None or last.author != "customer" or last.payload:
        return None
    return Asked(Conversation(**row), last.id, last.text, last.understanding)
