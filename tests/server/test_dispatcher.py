"""Jobs are rows: each is done, whoever wrote it and whatever went wrong before; the end waits for none to come."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from conftest import until

from handoff_server import tables as t
from handoff_server.dispatcher import MAX_ATTEMPTS, Dispatcher, Later, Work
from handoff_server.job import Job
from handoff_server.store import Store
from handoff_server.transaction import Tx

pytestmark = pytest.mark.asyncio


def work(do: Callable[[Job], Awaitable[None]], died: Callable[[Tx, Job], None] | None = None) -> dict[str, Work]:
    return {"send": Work(do, at_once=4, longest_wait_s=1, died=died)}


def add(tx: Tx, lane: str, name: str, delay_ms: int = 0) -> None:
    tx.add_job("send", lane, {"name": name}, delay_ms)


class Done:
    """Notes what was done and finishes the job's row."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.names: list[str] = []

    async def __call__(self, job: Job) -> None:
        await self.store.run(lambda tx: tx.finish_job(job.id))
        self.names.append(job.payload["name"])


async def test_a_job_that_must_wait_keeps_its_place_in_the_lane(store: Store) -> None:
    done = Done(store)

    async def first_later(job: Job) -> None:
        if job.payload["name"] == "a" and job.attempts == 0:
            raise Later(1, "platform_busy")
        await done(job)

    dispatcher = Dispatcher(store, work(first_later))
    await dispatcher.start()
    for lane, name in (("one", "a"), ("one", "b"), ("two", "c")):
        await store.run(add, lane, name)
    await until(lambda: len(done.names) == 3)
    assert done.names == ["c", "a", "b"], "another lane does not wait"
    await dispatcher.stop()


async def test_a_job_that_another_process_wrote_is_found(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff_server.dispatcher.SWEEP_SECONDS", 0.05)
    done = Done(store)
    dispatcher = Dispatcher(store, work(done))
    await dispatcher.start()
    sweep = asyncio.create_task(dispatcher.sweep())
    row = {"kind": "send", "lane": "x", "payload": {"name": "a"}, "run_at": 0, "attempts": 0, "dead": False}
    await store.run(lambda tx: tx.connection.execute(t.jobs.insert().values(**row)))
    await until(lambda: done.names == ["a"])
    sweep.cancel()
    await dispatcher.stop()


async def test_a_clock_that_is_set_back_keeps_nobody_waiting(store: Store) -> None:
    done = Done(store)
    dispatcher = Dispatcher(store, work(done))
    await dispatcher.start()
    await store.run(add, "one", "a", 3_600_000)
    await until(lambda: done.names == ["a"])
    await dispatcher.stop()


async def test_a_clock_that_is_set_back_holds_up_nothing_that_was_to_be_done_at_once(store: Store) -> None:
    done = Done(store)
    dispatcher = Dispatcher(store, {"send": Work(done, at_once=4, longest_wait_s=300, first_wait_s=0)})
    await dispatcher.start()
    await store.run(add, "one", "a", 3_600_000)
    await until(lambda: done.names == ["a"])
    await dispatcher.stop()


async def test_a_job_that_always_fails_is_kept_dead_and_its_matter_is_looked_after(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    buried: list[int] = []

    async def fails(job: Job) -> None:
        raise ValueError("planted")

    def died(_tx: Tx, job: Job) -> None:
        buried.append(job.id)

    monkeypatch.setattr(Dispatcher, "_until_due", lambda *_: asyncio.sleep(0))
    dispatcher = Dispatcher(store, work(fails, died))
    await dispatcher.start()
    await store.run(add, "one", "a")
    await until(lambda: buried)
    await store.run(lambda _tx: None)  # behind it: what buried the job is committed
    row = await store.read(lambda connection: connection.execute(sa.select(t.jobs)).one())
    assert (row.dead, row.attempts, row.last_error) == (True, MAX_ATTEMPTS, "ValueError")
    await dispatcher.stop()


async def test_an_end_waits_for_what_is_under_way_and_for_nothing_else(store: Store) -> None:
    done = Done(store)

    async def slow(job: Job) -> None:
        await asyncio.sleep(0.2)
        await done(job)

    dispatcher = Dispatcher(store, {"send": Work(slow, at_once=1, longest_wait_s=3600)})
    await dispatcher.start()
    for lane, name, delay_ms in (("one", "a", 0), ("one", "b", 0), ("two", "c", 0), ("three", "d", 3_600_000)):
        await store.run(add, lane, name, delay_ms)
    await asyncio.sleep(0.05)
    await dispatcher.stop()
    assert done.names == ["a"], "what had not begun is a row for the next start"
    left = await store.read(lambda connection: connection.scalars(sa.select(t.jobs.c.payload)).all())
    assert [one["name"] for one in left] == ["b", "c", "d"]


async def test_no_job_passes_an_earlier_one_while_the_store_is_in_trouble(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handoff_server.store.MAX_WAIT_SECONDS", 0.2)
    monkeypatch.setattr("handoff_server.dispatcher.TROUBLE_MS", 10)
    done, other = Done(store), sqlite3.connect(tmp_path / "relevo.db", isolation_level=None)

    async def locked_at_first(job: Job) -> None:
        if not tried:
            tried.append(job.id)
            other.execute("BEGIN IMMEDIATE")  # neither done nor postponed: the lock stays until the next attempt
            raise ValueError("planted")
        if other.in_transaction:
            other.execute("ROLLBACK")
        await done(job)

    tried: list[int] = []
    for name in ("a", "b"):
        await store.run(add, "one", name)
    dispatcher = Dispatcher(store, work(locked_at_first))
    await dispatcher.start()
    await until(lambda: len(done.names) == 2)
    assert done.names == ["a", "b"]
    await dispatcher.stop()
    other.close()


async def test_jobs_of_a_commit_that_nobody_heard_of_are_done_before_later_ones(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was gone before it could say that the commit stands."""
    done = Done(store)
    dispatcher = Dispatcher(store, work(done))
    await dispatcher.start()
    with store._engine.begin() as connection:  # as such a commit leaves it
        row = {"kind": "send", "lane": "one", "payload": {"name": "a"}, "run_at": 0, "attempts": 0, "dead": False}
        connection.execute(t.jobs.insert().values(**row))
    monkeypatch.setattr(store, "_unsure", True)
    await store.run(add, "one", "b")
    await until(lambda: len(done.names) == 2)
    assert done.names == ["a", "b"]
    await dispatcher.stop()
