"""What consoles have missed. Those that come back together have missed the same, and one reading serves them all."""

import asyncio
import time

from handoff_server import change
from handoff_server.clock import now
from handoff_server.sockets.packet import to_json
from handoff_server.store import Store

SHARED_SECONDS = 1  # who is there changes with time alone


class CatchUp:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._seq = -1  # what was committed when the shared answers were asked for
        self._shared: dict[int, tuple[float, asyncio.Task[str | None]]] = {}

    async def since(self, seq: int, agent_id: str) -> str:
        """JSON: the change after `seq`, or the agent's own snapshot where that would be too much."""
        if shared := await asyncio.shield(self._reading(seq)):
            return shared
        return to_json(await self._store.read(change.snapshot, agent_id, now()))

    def _reading(self, seq: int) -> asyncio.Task[str | None]:
        if self._seq != self._store.seq:
            self._seq = self._store.seq
            self._shared.clear()
        began, reading = self._shared.get(seq, (0.0, None))
        if reading is None or time.monotonic() - began > SHARED_SECONDS:
            reading = asyncio.create_task(self._read(seq))
            self._shared[seq] = time.monotonic(), reading
        return reading

    async def _read(self, seq: int) -> str | None:
        """The same for everybody; None when it would be a snapshot, which is not."""
        found = await self._store.read(change.since, seq, now())
        return to_json(found) if found else None
