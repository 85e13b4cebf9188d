"""Runs the jobs. Jobs are rows; they survive a restart.

A lane is a chain of jobs that run one after the other (one conversation's bot turns, one conversation's sends); lanes
do not wait for each other.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.job import Job, jobs_left
from handoff_server.refusal import Refusal
from handoff_server.store import Committed, Store
from handoff_server.transaction import Tx

log = structlog.get_logger()
MAX_ATTEMPTS = 5
STOP_SECONDS = 3
SWEEP_SECONDS = 5
TROUBLE_MS = 1_000


class Later(Exception):
    """The job cannot be done now; it keeps its place in the lane. The text is a code."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True)
class Work:
    """What is done for one kind of job: how many at once, and how long one may have to wait for its time.

    (The clock may have been set back since the job was written; nobody waits an hour for that.)
    """

    do: Callable[[Job], Awaitable[None]]
    at_once: int
    longest_wait_s: float
    died: Callable[[Tx, Job], None] | None = None  # what becomes of the matter, in the commit that gives the job up
    first_wait_s: float | None = None  # the same for the first attempt, where that is less

    def longest(self, attempts: int) -> float:
        return self.longest_wait_s if attempts or self.first_wait_s is None else self.first_wait_s


class Dispatcher:
    def __init__(self, store: Store, works: Mapping[str, Work]) -> None:
        self._store = store
        self._works = works
        self._free = {kind: asyncio.Semaphore(work.at_once) for kind, work in works.items()}
        self._lanes: dict[str, deque[Job]] = {}
        self._held: set[int] = set()  # ids of the jobs in the lanes
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    async def start(self) -> None:
        """Takes up what the last process left, then everything that is committed."""
        self._store.listen(self._committed)
        await self._take_up_left()

    async def sweep(self) -> None:
        """Takes up jobs that no lane holds: an operator revived them, or the store was in trouble. Until cancelled."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self._take_up_left()
            except Exception:  # the store is in trouble; the next round may find it well
                log.exception("jobs.not_swept")

    async def stop(self) -> None:
        """Lets what is under way end, for a while. The rest are rows: at the start jobs go on, posted turns fail."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take_up_left(self) -> None:
        for job in await self._store.read(jobs_left):
            self._add(job)

    def _committed(self, committed: Committed) -> None:
        for job in committed.jobs:
            self._add(job)

    def _add(self, job: Job) -> None:
        if job.id in self._held:
            return
        if job.kind not in self._works:  # a newer version wrote it; the row waits for that
            log.error("job.unknown", kind=job.kind, job=job.id)
            return
        self._held.add(job.id)
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
            await self._until_due(job)
            async with self._free[job.kind]:
                if self._stopping.is_set():
                    return
                again = await self._attempt(job)
            lane.popleft()
            if again:
                lane.appendleft(again)
            else:
                self._held.discard(job.id)
        del self._lanes[name]

    async def _until_due(self, job: Job) -> None:
        """Until the job's time has come, or the end has."""
        wait_s = min(max(0, (job.run_at - now()) / 1000), self._works[job.kind].longest(job.attempts))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._stopping.wait()

    async def _attempt(self, job: Job) -> Job | None:
        """Does the job; the job to try again, later, if that went wrong."""
        try:
            await self._works[job.kind].do(job)
            return None
        except Later as later:
            return await self._postponed(job, str(later), later.seconds)
        except Exception as error:
            log.exception("job.failed", kind=job.kind, job=job.id, attempts=job.attempts + 1)
            attempts = job.attempts + 1
            if attempts >= MAX_ATTEMPTS:
                return await self._bury(job, type(error).__name__)
            return await self._postponed(job, type(error).__name__, attempts * attempts)

    async def _bury(self, job: Job, why: str) -> Job | None:
        """The row stays for the operator; the customer does not wait for one."""
        for died in (self._works[job.kind].died, None):
            try:
                await self._store.run(_die, job, why, died)
                return None
            except Exception as error:
                log.exception("job.not_buried", kind=job.kind, job=job.id)
                if isinstance(error, Refusal) and error.code == "overloaded":
                    break
        return _when_mended(job)

    async def _postponed(self, job: Job, why: str, seconds: float) -> Job | None:
        try:
            postponed: Job | None = await self._store.run(_postpone, job, why, int(seconds * 1000))
        except Exception:  # the store itself is in trouble: the row stays as it is, and later jobs must not pass it
            log.exception("job.not_postponed", job=job.id)
            return _when_mended(job)
        return postponed


def _when_mended(job: Job) -> Job:
    """The same job after a pause, which a first attempt would not make."""
    return replace(job, run_at=now() + TROUBLE_MS, attempts=max(1, job.attempts))


def _postpone(tx: Tx, job: Job, why: str, delay_ms: int) -> Job | None:
    """The same job later, if it is still there."""
    later = replace(job, run_at=tx.at + delay_ms, attempts=job.attempts + 1)
    return later if _keep(tx, later, why) else None


def _die(tx: Tx, job: Job, why: str, died: Callable[[Tx, Job], None] | None) -> None:
    """Given up, and kept for the operator (service/dead_letters.py). `run_at` is from now on when that was."""
    if _keep(tx, replace(job, run_at=tx.at, attempts=job.attempts + 1), why, dead=True) and died:
        died(tx, job)


def _keep(tx: Tx, job: Job, why: str, dead: bool = False) -> bool:
    values = {"attempts": job.attempts, "run_at": job.run_at, "last_error": why[:200], "dead": dead}
    return bool(tx.connection.execute(t.jobs.update().where(t.jobs.c.id == job.id).values(**values)).rowcount)
