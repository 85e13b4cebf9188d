"""Does the jobs: bot turns and the understanding of messages. Jobs are rows; they survive a restart.

A lane is a chain of jobs that run one after the other (one conversation's bot turns); lanes do not wait for each other.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
import structlog

from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.rasa_client import RasaClient, TurnFailed
from handoff_server.service import turns
from handoff_server.store import Committed, Store
from handoff_server.transaction import Job, Tx

log = structlog.get_logger()
MAX_AT_ONCE = 16
MAX_ATTEMPTS = 5
STOP_SECONDS = 3


class Dispatcher:
    def __init__(self, store: Store, rasa: RasaClient, turn_deadline_ms: int) -> None:
        self._store = store
        self._rasa = rasa
        self._deadline_ms = turn_deadline_ms
        self._lanes: dict[str, deque[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._at_once = asyncio.Semaphore(MAX_AT_ONCE)
        self.on_thinking: Callable[[str], Awaitable[None]] | None = None
        self._do: dict[str, Callable[[Job], Awaitable[None]]] = {
            "bot_turn": self._bot_turn,
            "understanding": self._understanding,
        }

    async def start(self) -> None:
        """Takes up what the last process left, then everything that is committed."""
        failed = await self._store.run(turns.interrupted)
        if failed:
            log.warning("turns.interrupted", count=failed)
        left = await self._store.read(_jobs_left)
        self._store.listen(self._committed)
        for job in left:
            self._add(job)

    async def stop(self) -> None:
        """Lets what is under way end, for a while. The rest are rows: at the start jobs go on, posted turns fail."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _committed(self, committed: Committed) -> None:
        for job in committed.jobs:
            self._add(job)

    def _add(self, job: Job) -> None:
        lane = self._lanes.get(job.lane)
        if lane is not None:
            lane.append(job)
            return
        self._lanes[job.lane] = deque([job])
        task = asyncio.create_task(self._run(job.lane))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, name: str) -> None:
        lane = self._lanes[name]
        while lane:
            job = lane[0]
            await asyncio.sleep(max(0, job.run_at - now()) / 1000)
            async with self._at_once:
                again = await self._attempt(job)
            lane.popleft()
            if again:
                lane.appendleft(again)
        del self._lanes[name]

    async def _attempt(self, job: Job) -> Job | None:
        """Does the job; the job to try again, later, if that went wrong."""
        try:
            await self._do[job.kind](job)
            return None
        except Exception as error:
            log.exception("job.failed", kind=job.kind, job=job.id, attempts=job.attempts + 1)
            try:
                postponed: Job | None = await self._store.run(_postpone, job, type(error).__name__)
            except Exception:  # the store itself is in trouble: the row stays as it is
                log.exception("job.not_postponed", job=job.id)
                return None
            return postponed

    async def _bot_turn(self, job: Job) -> None:
        begun = await self._store.run(turns.begin, job.id, job.payload["conversation_id"], self._deadline_ms)
        if begun is None:
            return
        if self.on_thinking:
            await self.on_thinking(job.payload["conversation_id"])
        try:
            response = await self._rasa.turn(begun.request)
            await self._store.run(turns.finish, begun.turn_id, response)
        except TurnFailed as failure:
            log.warning("turn.failed", turn=begun.turn_id, why=failure.why)
            await self._give_up(begun.turn_id, failure.why[:200])
        except Exception as error:
            log.exception("turn.not_finished", turn=begun.turn_id)
            await self._give_up(begun.turn_id, f"not_finished:{type(error).__name__}")

    async def _give_up(self, turn_id: str, why: str) -> None:
        """The customer must hear of it: tried again while the store is in trouble. A restart fails what is left."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                await self._store.run(turns.fail, turn_id, why)
                return
            except Exception:
                log.exception("turn.not_failed", turn=turn_id, attempt=attempt)
                await asyncio.sleep(attempt * attempt)

    async def _understanding(self, job: Job) -> None:
        message_id = job.payload["message_id"]
        text = await self._store.read(_text, message_id)
        understanding: Any = await self._rasa.understand(turns.typed(text)) if text else None
        await self._store.run(turns.understand, job.id, message_id, understanding)


def _jobs_left(connection: sa.Connection) -> list[Job]:
    j = t.jobs.c
    rows = connection.execute(sa.select(t.jobs).where(j.dead.is_(False)).order_by(j.id))
    return [Job(row.id, row.kind, row.lane, row.payload, row.run_at, row.attempts) for row in rows]


def _postpone(tx: Tx, job: Job, error: str) -> Job | None:
    """The same job later (1, 4, 9 … s); after MAX_ATTEMPTS it is dead, and kept for the operator."""
    attempts = job.attempts + 1
    run_at = tx.at + attempts * attempts * 1000
    dead = attempts >= MAX_ATTEMPTS
    values = {"attempts": attempts, "run_at": run_at, "last_error": error, "dead": dead}
    kept = tx.connection.execute(t.jobs.update().where(t.jobs.c.id == job.id).values(**values)).rowcount
    return Job(job.id, job.kind, job.lane, job.payload, run_at, attempts) if kept and not dead else None


def _text(connection: sa.Connection, message_id: int) -> str | None:
    return connection.scalar(sa.select(t.messages.c.text).where(t.messages.c.id == message_id))
