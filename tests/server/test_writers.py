"""Several writers on one database: they take turns, know what the others wrote, and number rows in that order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import on_each_database
from life.model_console import ModelConsole

from handoff_server import change
from handoff_server import tables as t
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk, intake, replies
from handoff_server.service.agent import Agent
from handoff_server.store import Store, open_engine

pytestmark = [on_each_database, pytest.mark.asyncio]
AT = 0


@pytest_asyncio.fixture
async def other(database: str, store: Store) -> AsyncIterator[Store]:
    """A second writer. (To the database it is another process: it shares nothing with the first.)"""
    opened = Store(database)
    await opened.start()
    yield opened
    await opened.stop()


async def customer(store: Store) -> str:
    return str((await store.run(accounts.open_widget_session, "demo", "es"))["conversation_id"])


async def says(store: Store, conversation_id: str, words: str) -> Any:
    return await store.run(intake.receive, intake.IncomingMessage(conversation_id, f"{conversation_id}:{words}", words))


async def test_what_one_has_changed_the_other_does_not_remember_otherwise(store: Store, other: Store) -> None:
    marta = await store.run(accounts.create_agent, "marta@demo.example", "Marta", "agent", None)
    one = await customer(store)
    await says(store, one, "quiero hablar con una persona")  # the first writer remembers: it waits in the queue
    taken = await other.run(desk.claim, marta, one, 2)
    with pytest.raises(Refusal, match="already"):
        await store.run(desk.claim, Agent("a-2", "Jorge", "agent"), one, 2)
    await store.run(replies.reply, marta, one, taken.epoch, "r1", "Hola, soy Marta", False)
    back = await other.run(desk.return_to_bot, marta, one, taken.epoch, "nada más")
    with pytest.raises(Refusal, match=r"changed hands|not yours"):
        await store.run(replies.reply, marta, one, taken.epoch, "r2", "¿Sigues ahí?", False)
    assert back.epoch == taken.epoch + 1
    repeated = await other.run(replies.reply, marta, one, taken.epoch, "r1", "Hola, soy Marta", False)
    assert repeated.text == "Hola, soy Marta", "the id is taken, whoever wrote it down"


async def test_consoles_of_one_are_told_what_the_other_wrote(store: Store, other: Store, database: str) -> None:
    marta = await store.run(accounts.create_agent, "marta@demo.example", "Marta", "agent", None)
    engine, console = open_engine(database), ModelConsole(marta)
    console.connected = True
    console.sync(engine, AT)
    store.listen(lambda committed: console.hear(committed.change))
    one = await customer(other)
    await says(other, one, "hola")
    await says(other, one, "quiero hablar con una persona")
    await store.run(accounts.set_presence, marta, "away")  # the first thing the other writer does after that
    assert [message["text"] for message in console.records["messages"].values()][:2] == [
        "hola",
        "quiero hablar con una persona",
    ]
    assert console.differences(engine, AT) == []
    engine.dispose()


async def test_whoever_asks_for_what_came_after_a_number_misses_nothing(
    store: Store, other: Store, database: str
) -> None:
    ones = [await customer(store) for _ in range(6)]
    engine, seen, done = open_engine(database), [0], asyncio.Event()

    def look() -> None:
        with engine.connect() as connection:
            newer = sa.select(t.events.c.seq).where(t.events.c.seq > seen[-1]).order_by(t.events.c.seq)
            seen.extend(connection.scalars(newer))

    async def watch() -> None:
        while not done.is_set():
            await asyncio.to_thread(look)

    async def talk(one: str, number: int) -> None:
        for place in range(20):
            await says((store, other)[(number + place) % 2], one, f"m{place}")

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(talk(one, number) for number, one in enumerate(ones)))
    done.set()
    await watcher
    look()
    every = await store.read(lambda connection: connection.scalars(sa.select(t.events.c.seq).order_by("seq")).all())
    assert seen[1:] == every and len(every) >= 120
    engine.dispose()


async def test_rows_that_came_past_the_writers_only_push_the_numbers_on(store: Store, other: Store) -> None:
    one = await customer(store)
    first = await says(store, one, "hola")

    def filled_by_hand(tx: Any) -> None:
        row = {"name": "case.opened", "after_message_id": 0, "actor_kind": "system", "data": {}, "at": 0}
        tx.connection.execute(t.events.insert().values(seq=9_000, **row))

    await other.run(filled_by_hand)
    second = await says(store, one, "¿sigues ahí?")
    newest = await store.read(lambda connection: connection.scalar(sa.select(sa.func.max(t.events.c.seq))))
    assert second.id > first.id and newest > 9_000


async def test_a_handoff_ends_and_the_next_one_opens_in_one_commit(store: Store) -> None:
    marta = await store.run(accounts.create_agent, "marta@demo.example", "Marta", "agent", None)
    one = await customer(store)
    await says(store, one, "agente")
    taken = await store.run(desk.claim, marta, one, 2)

    def at_once(tx: Any) -> None:
        desk.return_to_bot(tx, marta, one, taken.epoch, "nada más")
        intake.ask_human(tx, one, f"{one}:again", "again")

    await store.run(at_once)
    rows = await store.read(
        lambda connection: connection.scalars(sa.select(t.handoffs.c.status).order_by(t.handoffs.c.requested_at)).all()
    )
    assert sorted(rows) == ["queued", "returned"]
    found, _since = await store.read(change.history, one, None, 50, AT)
    assert found["conversations"][0]["handoff"]["status"] == "queued"
