"""Whether conversations can be had: the store reads, writes, and has room. The assistant is no condition for that."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from handoff_server.clock import now
from handoff_server.service import dead_letters
from handoff_server.store import MAX_QUEUED, Store
from handoff_server.transaction import Tx

log = structlog.get_logger()
ANSWER_SECONDS = 2
HOLDS_MS = 500  # however often we are asked, the store is asked twice a second at most
MOST_QUEUED = MAX_QUEUED // 2
Answer = dict[str, Any]


class Readiness:
    def __init__(self, store: Store, assistant_state: Callable[[], str]) -> None:
        self._store = store
        self._assistant_state = assistant_state
        self._looking = asyncio.Lock()
        self._seen: tuple[int, Answer] | None = None

    async def look(self) -> Answer:
        """`problems` is empty when we are ready; all else is for information."""
        async with self._looking:
            if self._seen is None or abs(now() - self._seen[0]) >= HOLDS_MS:
                answer = await self._look()
                self._seen = (now(), answer)
            return self._seen[1]

    async def _look(self) -> Answer:
        counts, written = await asyncio.gather(
            _in_time(self._store.read(dead_letters.counts)), _in_time(self._store.run(_nothing))
        )
        problems = [] if counts else ["the database cannot be read"]
        if not written:
            problems.append("the database cannot be written")
        if self._store.queued > MOST_QUEUED:
            problems.append(f"{self._store.queued} changes wait to be written")
        return {
            "status": "not_ready" if problems else "ready",
            "problems": problems,
            "assistant": self._assistant_state(),
            **(counts or {"jobs": None, "dead_letters": None}),
            "queued_changes": self._store.queued,
        }


async def _in_time[Result](asked: Awaitable[Result]) -> Result | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asked
    except Exception:
        log.warning("store.not_ready", exc_info=True)
        return None


def _nothing(_tx: Tx) -> bool:
    """Takes the writer's way, with its lock and its commit, and changes nothing."""
    return True
