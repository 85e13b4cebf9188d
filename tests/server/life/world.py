"""The world around the log: a store that can die, a clock that jumps, and a journal of what the outside got to see."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from life.model_console import ModelConsole

from handoff_server import tables as t
from handoff_server.job import Job, jobs_left
from handoff_server.message import Message
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, presence, turns
from handoff_server.service.agent import Agent
from handoff_server.store import Committed, Store, open_engine
from handoff_server.transaction import Tx

START_MS = 1_795_000_000_000


class Broken(Exception):
    """A change that fails half-way, for a reason of its own."""


@dataclass
class Journal:
    """What people and platforms were told. The log must never contradict it."""

    received: dict[str, str] = field(default_factory=dict)  # external id → words that were acknowledged
    replied: dict[tuple[str, str], str] = field(default_factory=dict)  # (agent, client id) → words
    given: list[int] = field(default_factory=list)  # messages that a turn took to Rasa, in that order
    posts: Counter[int] = field(default_factory=Counter)  # message → how often a platform may have got it
    retries: Counter[int] = field(default_factory=Counter)  # message → how often its agent asked to send it again
    taken: list[tuple[int, str]] = field(default_factory=list)  # what the platform has: message, its own id


@dataclass
class UnderWay:
    """What the process was doing when it might die: a turn at Rasa or a message at a platform."""

    job: Job
    what: Any


class World:
    def __init__(self, url: str) -> None:
        self.url, self.at = url, START_MS
        self.engine = open_engine(url)
        self._empty()
        self.loop = asyncio.new_event_loop()
        self.journal = Journal()
        self.under_way: dict[str, UnderWay] = {}
        self.hints: list[Message] = []  # messages for people that Rasa has not explained yet
        self.consoles: list[ModelConsole] = []
        self.breaks_next = self.broke = False  # the next change will break; the last one did
        self.store = self._open()

    def close(self) -> None:
        self._drop()
        self.loop.close()
        self.engine.dispose()

    # changes

    def run(self, change: Callable[..., Any], *arguments: Any) -> Any:
        """What the change answered; None if it was refused or broke, and then nothing has happened."""
        return self.together((change, *arguments))[0]

    def together(self, *asked: tuple[Any, ...]) -> list[Any]:
        """Changes that wait at the same time are one commit."""
        before = self._size()
        answers = self.loop.run_until_complete(self._gather(asked))
        if all(isinstance(answer, (Refusal, Broken)) for answer in answers):
            assert self._size() == before, "a refused change left something"
        return [None if isinstance(answer, (Refusal, Broken)) else answer for answer in answers]

    async def _gather(self, asked: tuple[tuple[Any, ...], ...]) -> list[Any]:
        breaks, self.breaks_next = self.breaks_next, False
        runs = [self.store.run(_breaking(one[0]) if breaks else one[0], *one[1:]) for one in asked]
        answers = await asyncio.gather(*runs, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, (Refusal, Broken)):
                raise answer
        self.broke = breaks
        return answers

    def read(self, query: Callable[..., Any], *arguments: Any) -> Any:
        with self.engine.connect() as connection:
            return query(connection, *arguments)

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        return self.read(lambda connection: list(connection.execute(query).all()))

    # jobs, as the dispatcher takes them: one of a lane at a time, in the order of the rows

    def due(self, kind: str) -> list[Job]:
        """The first job of every lane in which nothing is under way."""
        heads: dict[str, Job] = {}
        for job in self.read(jobs_left):
            heads.setdefault(job.lane, job)
        return [job for job in heads.values() if job.kind == kind and job.lane not in self.under_way]

    # death and time

    def crash(self) -> None:
        """The process is gone, with all that it was doing; the next one starts as app.py does."""
        self._drop()
        self.under_way.clear()
        self.hints.clear()
        self.breaks_next = False
        self.store = self._open()
        self.run(accounts.nobody_connected)
        self.run(turns.interrupted)

    def pass_time(self, ms: int) -> None:
        self.at += ms
        self.breaks_next = False
        if there := [console.agent.id for console in self.consoles if console.connected]:
            self.run(presence.heartbeat, there)

    def connect(self, agent: Agent) -> ModelConsole:
        console = ModelConsole(agent)
        self.consoles.append(console)
        self.reconnect(console)
        return console

    def reconnect(self, console: ModelConsole) -> None:
        """Another socket: the hub notes the presence, the console catches up from what it has."""
        self.breaks_next = False
        if not console.connected:
            console.connected = True
            self.run(accounts.connected, console.agent, True)
        console.sync(self.engine, self.at)

    def _open(self) -> Store:
        store = Store(self.url, lambda: self.at)
        store.listen(self._committed)
        self.loop.run_until_complete(store.start())
        return store

    def _drop(self) -> None:
        for console in self.consoles:
            console.connected = False
        self.loop.run_until_complete(self.store.stop())  # nothing waits in it, so this only frees thread and files

    def _committed(self, committed: Committed) -> None:
        self.hints += committed.hints
        for console in self.consoles:
            console.hear(committed.change)

    def _empty(self) -> None:
        with self.engine.begin() as connection:
            for table in reversed(t.metadata.sorted_tables):
                connection.execute(table.delete())

    def _size(self) -> tuple[Any, ...]:
        counts = (sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in (t.messages, t.jobs))
        newest = sa.select(sa.func.max(t.events.c.seq)).scalar_subquery()
        return tuple(self.rows(sa.select(*counts, newest))[0])


def _breaking(change: Callable[..., Any]) -> Callable[..., Any]:
    def breaks(tx: Tx, *arguments: Any) -> None:
        change(tx, *arguments)
        raise Broken

    return breaks
