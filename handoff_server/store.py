"""The durable log: one writer, group commit.

Every change of state is a function `change(tx, *arguments) -> result`. `await store.run(change, …)` puts it on the
writer's queue; the writer opens one transaction for all that is queued, carries the changes out, commits once, and only
then answers. What `run` has returned is on disk. A change may be carried out a second time, after the first was rolled
back: it reads and writes nothing but the store. Measured: 4 842 durable changes a second in groups, 274 one by one.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import sqlalchemy as sa
import structlog

from handoff_server.change import Change, touched_since
from handoff_server.clock import Clock, now
from handoff_server.job import Job, jobs_left
from handoff_server.message import Message
from handoff_server.recent import Key, Recent
from handoff_server.refusal import Refusal
from handoff_server.serials import take_turn
from handoff_server.tables import events
from handoff_server.teams import PLAIN, Policy
from handoff_server.transaction import Tx

log = structlog.get_logger()
MAX_QUEUED = 10_000
MAX_GROUP = 256
MAX_WAIT_SECONDS = 5
CHECKPOINT_SECONDS = 0.5
OTHERS_SECONDS = 1
# 10 000 pages of log: what the writer itself steps in at, should the checkpointer not get through.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "wal_autocheckpoint=10000")
# Locked, full, gone, or out of connections: the database's trouble, not the change's. It may be over in a moment.
TROUBLE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.PendingRollbackError, sa.exc.TimeoutError)


@dataclass(frozen=True)
class Committed:
    """What one commit brought: the frame for the consoles, the jobs that are new or due again, and the messages for
    people that Rasa might explain."""

    change: Change
    jobs: tuple[Job, ...]
    hints: tuple[Message, ...] = ()


@dataclass
class _Asked:
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    about: Key | None
    future: asyncio.Future[Any]


class _Failed(Exception):
    """A change of the group failed, and may have written before."""


class Store:
    """Opens the database, runs changes and reads. Use `start` and `stop` around it, from one event loop."""

    def __init__(self, url: str, clock: Clock = now, policy: Callable[[], Policy] = lambda: PLAIN) -> None:
        self._engine = open_engine(url)
        self._clock = clock
        self.policy = policy
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[Committed], None]] = []
        self._readers = ThreadPoolExecutor(4, "store-reader")
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._checkpointer = threading.Thread(target=self._checkpoint, name="store-checkpointer", daemon=True)
        self._stopped = threading.Event()
        self._seq = 0
        self._groups = -1  # of the writer's last group
        self._recent = Recent()
        self._ended = False
        self.on_commit: Callable[[float], None] | None = None  # is told in the writer's thread how many seconds it took
        self._unsure = False  # the last commit failed: nobody knows what stands of it

    @property
    def seq(self) -> int:
        """The last event that was committed here."""
        return self._seq

    @property
    def queued(self) -> int:
        """How many changes wait for the writer."""
        return self._asked.qsize()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._seq = await self.read(last_seq)
        self._writer.start()
        if self._engine.dialect.name == "sqlite":
            self._checkpointer.start()

    async def stop(self) -> None:
        """Finishes what was asked before, then closes. A database that does not answer cannot keep us from ending."""
        self._asked.put(None)
        await asyncio.to_thread(self._writer.join, MAX_WAIT_SECONDS)
        self._stopped.set()
        self._readers.shutdown(wait=False)
        self._engine.dispose()

    def listen(self, listener: Callable[[Committed], None]) -> None:
        """`listener` is called on the event loop after each commit, in the order of the commits."""
        self._listeners.append(listener)

    async def follow_others(self) -> None:
        """Tells the listeners what other hubs have written, also while nothing is written here. Until cancelled."""
        while True:
            await asyncio.sleep(OTHERS_SECONDS)
            try:
                if await self.read(last_seq) > self._seq:
                    await self.run(_nothing)  # whoever takes a turn hears of what was written before it
            except Exception:  # the database is in trouble; the next round may find it well
                log.exception("store.others_not_heard")

    async def run(self, change: Callable[..., Any], *arguments: Any, about: Key | None = None) -> Any:
        """The result of `change(tx, *arguments)` once it is committed, or the Refusal that it raised. The change will
        ask for the message `about`; so a whole group's are looked up at once.

        Raises Refusal `overloaded` when more than `MAX_QUEUED` changes wait, when the database is in trouble, or after
        `MAX_WAIT_SECONDS`. What has not been begun by then will not be carried out behind the caller's back; what has
        may stand, and asking again is harmless, since everything that is asked for from outside carries a key.
        """
        if self._asked.qsize() >= MAX_QUEUED:
            raise _overloaded()
        asked = _Asked(change, arguments, about, self._loop.create_future())
        self._asked.put(asked)
        give_up = self._loop.call_later(MAX_WAIT_SECONDS, _fail, [asked], TimeoutError())
        try:
            return await asked.future  # when it is done the writer passes it over
        except (TimeoutError, *TROUBLE):
            raise _overloaded() from None
        finally:
            give_up.cancel()

    async def read[Result](self, query: Callable[..., Result], *arguments: Any, seconds: float | None = None) -> Result:
        """The result of `query(connection, *arguments)` on a reading connection: committed state only. It may take
        MAX_WAIT_SECONDS, or `seconds` where somebody asks for much."""
        try:
            async with asyncio.timeout(seconds or MAX_WAIT_SECONDS):
                return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, query, *arguments)
        except (TimeoutError, *TROUBLE):
            log.exception("store.read_failed")
            raise _overloaded() from None
        except sa.exc.DataError:  # PostgreSQL takes no NUL, not even to look for it
            raise Refusal("invalid_request", "what is looked for has a sign that no text can have") from None

    def _read(self, query: Callable[..., Any], *arguments: Any) -> Any:
        with self._engine.connect() as connection:
            return query(connection, *arguments)

    def _write(self) -> None:
        while not self._ended:
            group = self._next_group()
            try:
                if group:
                    self._commit(group)
            except Exception as error:  # the database refused the group: locked, full, gone
                log.exception("store.commit_failed", size=len(group))
                self._unsure = True
                self._loop.call_soon_threadsafe(_fail, group, error)

    def _checkpoint(self) -> None:
        """Moves what is committed from SQLite's log into its file beside the writer, whom it would hold up for 100 ms
        when it came upon that itself."""
        while not self._stopped.wait(CHECKPOINT_SECONDS):
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
            except Exception:  # locked, full or gone: the log holds everything until it goes again
                log.warning("store.no_checkpoint", exc_info=True)

    def _next_group(self) -> list[_Asked]:
        """All that is queued and still waited for, at most MAX_GROUP. Waits for the first; notes the end."""
        group: list[_Asked] = []
        while len(group) < MAX_GROUP and not (group and self._asked.empty()):
            asked = self._asked.get()
            if asked is None:
                self._ended = True
                break
            if not asked.future.done():
                group.append(asked)
        return group

    def _commit(self, group: list[_Asked]) -> None:
        try:
            self._attempt(group, apart=False)
        except _Failed:
            self._attempt(group, apart=True)

    def _attempt(self, group: list[_Asked], apart: bool) -> None:
        """Carries the changes out and commits them. A savepoint for each costs a third of the time, and hardly ever is
        one needed: when a change fails nothing is committed, and all are carried out once more, `apart`."""
        began = perf_counter()
        with self._engine.begin() as connection:
            tx = self._begin(connection, apart)
            waiting = [asked for asked in group if not asked.future.done()]  # the others have given up meanwhile
            answers = [(asked, *_apart(tx, asked)) for asked in waiting] if apart else _together(tx, waiting)
            change = tx.frame(after=self._seq)
            tx.end()
        if self.on_commit:
            self.on_commit(perf_counter() - began)
        self._seq, self._groups, self._unsure = change["seq"], tx.serials.groups, False
        if apart:
            self._recent.clear()
        else:
            self._recent.keep(tx.known)
        committed = Committed(change, tuple(tx.jobs), tuple(tx.hints))
        self._loop.call_soon_threadsafe(self._committed, answers, committed)

    def _begin(self, connection: sa.Connection, apart: bool) -> Tx:
        serials, alone = take_turn(connection, self._groups)
        if self._unsure or not alone:
            self._recent.clear()
        known = Recent() if apart else self._recent
        tx = Tx(connection, self._clock(), serials, known, self.policy())
        if self._unsure or not alone:  # what another process, or the failed commit after all, has left is told now
            tx.touched = touched_since(connection, self._seq)
        if self._unsure:  # and no job passes one that the failed commit left
            tx.jobs = jobs_left(connection)
        return tx

    def _committed(self, answers: Sequence[tuple[_Asked, Any, BaseException | None]], committed: Committed) -> None:
        for asked, result, error in answers:
            if asked.future.done():  # its caller has given up; the change stands all the same
                continue
            if error is None:
                asked.future.set_result(result)
            else:
                asked.future.set_exception(error)
        for listener in self._listeners:
            try:
                listener(committed)
            except Exception:  # one broken listener must not deafen the others
                log.exception("store.listener_failed")


def _together(tx: Tx, group: list[_Asked]) -> list[tuple[_Asked, Any, BaseException | None]]:
    try:
        tx.look_up(asked.about for asked in group if asked.about)
        answers = [(asked, asked.function(tx, *asked.arguments), None) for asked in group]
        tx.flush()
    except TROUBLE:  # SQLite may have rolled back the whole group already: nothing of it may stand
        raise
    except Exception as error:
        raise _Failed from error
    return [*answers]


def _apart(tx: Tx, asked: _Asked) -> tuple[Any, BaseException | None]:
    """The change in a savepoint: if it fails, nothing of it stands."""
    one = tx.apart()
    try:
        with one.connection.begin_nested():
            result = asked.function(one, *asked.arguments)
            one.flush()
    except TROUBLE:
        raise
    except Exception as error:
        return None, error
    tx.take(one)
    return result, None


def _fail(group: list[_Asked], error: BaseException) -> None:
    for asked in group:
        if not asked.future.done():
            asked.future.set_exception(error)


def _overloaded() -> Refusal:
    return Refusal("overloaded", "the store is busy or in trouble; try again shortly", retry_after=2)


def _nothing(_tx: Tx) -> None:
    pass


def last_seq(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(events.c.seq))) or 0


def open_engine(url: str) -> sa.Engine:
    """SQLite: WAL, FULL (an answered change survives a power cut), real savepoints. PostgreSQL: as it is.

    A failed statement is logged without its parameters: they are what customers said.
    """
    if not url.startswith("sqlite"):
        # A server that vanished without a word is noticed within seconds, and nobody waits longer for a lock.
        noticed = {"connect_timeout": 5, "tcp_user_timeout": 5000, "options": "-c lock_timeout=5000"}
        return sa.create_engine(
            url, pool_size=5, max_overflow=3, pool_timeout=5, hide_parameters=True, connect_args=noticed
        )
    engine = sa.create_engine(url, pool_size=5, max_overflow=3, pool_timeout=5, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would commit before savepoints; BEGIN is ours.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = threading.current_thread().name == "store-writer"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
