"""What Rasa makes of messages that a person will answer: help for the agent, never a condition.

So it is not in the log's way: kept in memory, newest first, and what nobody came to in time is left out.
"""

import asyncio
from collections import deque

import structlog

from handoff_server.clock import now
from handoff_server.message import Message
from handoff_server.rasa_client import RasaClient
from handoff_server.service import turns
from handoff_server.store import Committed, Store

log = structlog.get_logger()
AT_ONCE = 4
MOST = 200
FRESH_MS = 3_000  # a hint that comes later helps nobody
PAUSE_SECONDS = 1  # Rasa could not tell: it is down, or has too much to do


class Understanding:
    def __init__(self, store: Store, rasa: RasaClient) -> None:
        self._store = store
        self._rasa = rasa
        self._waiting: deque[Message] = deque(maxlen=MOST)
        self._there_is_more = asyncio.Event()
        store.listen(self._committed)

    async def work(self) -> None:
        """Understands what comes, until cancelled."""
        await asyncio.gather(*(self._work() for _ in range(AT_ONCE)))

    def _committed(self, committed: Committed) -> None:
        if committed.hints:
            self._waiting.extend(committed.hints)
            self._there_is_more.set()

    async def _work(self) -> None:
        while True:
            while self._waiting:
                message = self._waiting.pop()
                if now() - message.created_at >= FRESH_MS:  # so are all that wait behind it
                    self._waiting.clear()
                elif not await self._understand(message):
                    await asyncio.sleep(PAUSE_SECONDS)
            self._there_is_more.clear()
            await self._there_is_more.wait()

    async def _understand(self, message: Message) -> bool:
        understanding = await self._rasa.understand(turns.typed(message.text))
        if understanding is None:
            return False
        try:
            await self._store.run(turns.understand, message.id, understanding)
        except Exception:  # the next message may fare better
            log.warning("understanding.not_kept", exc_info=True)
        return True
