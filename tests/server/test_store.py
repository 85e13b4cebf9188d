"""The durable log: what was answered is on disk, a refused change leaves nothing, races have one winner."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from conftest import on_each_database

from handoff_server import change
from handoff_server import tables as t
from handoff_server.job import Job
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk, intake, sends, turns
from handoff_server.service.agent import Agent
from handoff_server.store import Committed, Store, last_seq
from handoff_server.transaction import Tx

pytestmark = on_each_database


async def conversation(store: Store) -> str:
    session = await store.run(accounts.open_widget_session, "demo", "es")
    return str(session["conversation_id"])


def incoming(conversation_id: str, name: str) -> intake.IncomingMessage:
    return intake.IncomingMessage(conversation_id, f"{conversation_id}:{name}", name)


def wished_for(name: str | None, kind: str, _parents: object) -> bool:
    """Not the indexes of words, which are each database's own."""
    return kind != "table" or not str(name).startswith(("message_words", "keyword_words"))


@pytest.mark.asyncio
async def test_the_migrations_make_the_tables_that_the_code_means(database: str) -> None:
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": wished_for})
        assert compare_metadata(context, t.metadata) == []


@pytest.mark.asyncio
async def test_changes_of_one_group_stand_or_fall_alone(store: Store) -> None:
    def broken(tx: Tx) -> None:
        tx.open_case("c-nobody")

    one = await conversation(store)
    results = await asyncio.gather(
        *(store.run(intake.receive, incoming(one, f"m{number}")) for number in range(20)),
        store.run(broken),
        *(store.run(intake.receive, incoming(one, f"n{number}")) for number in range(20)),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in results if isinstance(one, Exception)] == ["IntegrityError"]
    said = sa.select(sa.func.count()).where(t.messages.c.author == "customer")
    count = await store.read(lambda connection: connection.scalar(said))
    assert count == 40


@pytest.mark.asyncio
async def test_a_message_that_comes_twice_at_once_is_stored_once(store: Store) -> None:
    one = await conversation(store)
    found = await asyncio.gather(*(store.run(intake.receive, incoming(one, "same")) for _ in range(30)))
    assert len({message.id for message in found}) == 1


@pytest.mark.asyncio
async def test_of_many_claims_exactly_one_wins(store: Store) -> None:
    people = [await store.run(accounts.create_agent, f"a{n}@x.example", f"A{n}", "agent", None) for n in range(12)]
    one = await conversation(store)
    await store.run(intake.ask_human, one, "h", None)
    epoch = await store.run(lambda tx: tx.conversation(one).epoch)
    results = await asyncio.gather(
        *(store.run(desk.claim, Agent(p.id, p.name, p.role), one, epoch) for p in people),
        return_exceptions=True,
    )
    refusals = [result for result in results if isinstance(result, Refusal)]
    assert len(refusals) == len(people) - 1
    assert {refusal.code for refusal in refusals} == {"already_claimed"}


@pytest.mark.asyncio
async def test_the_database_itself_refuses_a_second_open_handoff(store: Store) -> None:
    one = await conversation(store)
    await store.run(intake.ask_human, one, "h", None)

    def again(tx: Tx) -> None:
        row = dict(tx.connection.execute(sa.select(t.handoffs)).mappings().one())
        tx.connection.execute(t.handoffs.insert().values(**(row | {"id": "h-second"})))

    with pytest.raises(sa.exc.IntegrityError):
        await store.run(again)


@pytest.mark.asyncio
async def test_frames_tell_every_change_in_order_without_gaps(store: Store) -> None:
    frames: list[Committed] = []
    store.listen(frames.append)
    one = await conversation(store)
    await asyncio.gather(*(store.run(intake.receive, incoming(one, f"m{n}")) for n in range(50)))
    await store.run(intake.ask_human, one, "h", None)
    told = [frame.change for frame in frames if frame.change["events"]]
    assert all(later["after"] == earlier["seq"] for earlier, later in itertools.pairwise(told))
    assert len({message["id"] for frame in told for message in frame["messages"]}) == 52  # with the receipt


@pytest.mark.asyncio
async def test_a_send_under_way_at_a_crash_is_never_posted_again(store: Store) -> None:
    jobs: list[Job] = []
    store.listen(lambda committed: jobs.extend(committed.jobs))
    arrival = intake.Arrival("whatsapp", "1", "57300", "Ana", "wamid.1", "agente")
    await store.run(intake.arrive, arrival, 0)
    send = next(job for job in jobs if job.kind == "send")
    outgoing = await store.run(sends.begin, send.id, send.payload["message_id"])
    assert isinstance(outgoing, sends.Outgoing) and outgoing.to == "57300"
    assert await store.run(sends.begin, send.id, outgoing.message_id) == "unclear"
    await store.run(sends.unclear, send.id, outgoing.message_id, 0)
    assert await store.run(sends.begin, send.id, outgoing.message_id) == "unclear"
    doubt = next(job for job in jobs if job.kind == "unclear")
    await store.run(sends.give_up_unclear, doubt.id, outgoing.message_id, doubt.payload["posted_at"])
    late = sends.DeliveryReport("whatsapp", "1", "wamid.ours", outgoing.message_id, "delivered")
    found = t.messages.c.id == outgoing.message_id
    assert (await store.run(lambda tx: tx.message(found))).delivery == "failed"
    assert await store.run(sends.report, late)
    assert (await store.run(lambda tx: tx.message(found))).delivery == "delivered", "the platform knows better"


@pytest.mark.asyncio
async def test_a_turn_under_way_at_a_crash_is_never_posted_again(store: Store) -> None:
    one = await conversation(store)
    jobs: list[Job] = []
    store.listen(lambda committed: jobs.extend(committed.jobs))
    await store.run(intake.receive, incoming(one, "hola"))
    begun = await store.run(turns.begin, jobs[0], 8000)
    assert begun is not None and begun.request["sender"] == f"{one}.1"
    assert await store.run(turns.interrupted) == 1
    assert await store.run(turns.interrupted) == 0
    after = await store.run(lambda tx: tx.conversation(one))
    assert after.owner == "queue" and after.stretch == 2, "its stretch is abandoned and people have the conversation"
    assert await store.run(turns.begin, jobs[0], 8000) is None


@pytest.mark.asyncio
async def test_a_console_that_missed_a_claim_learns_how_many_conversations_everybody_has(store: Store) -> None:
    marta = await store.run(accounts.create_agent, "marta@x.example", "Marta", "agent", None)
    one = await conversation(store)
    await store.run(intake.ask_human, one, "h", None)
    missed = await store.read(last_seq)
    await store.run(desk.claim, marta, one, 2)
    caught_up = await store.read(change.since, missed, 0)
    assert [(agent["id"], agent["open"]) for agent in caught_up["agents"]] == [(marta.id, 1)]


@pytest.mark.asyncio
async def test_after_a_restart_consoles_hear_who_is_gone(store: Store) -> None:
    marta = await store.run(accounts.create_agent, "marta@x.example", "Marta", "agent", None)
    await store.run(accounts.connected, marta, True)
    frames: list[Committed] = []
    store.listen(frames.append)
    await store.run(accounts.nobody_connected)
    assert [(agent["id"], agent["presence"]) for agent in frames[-1].change["agents"]] == [(marta.id, "offline")]
    assert frames[-1].change["seq"] > frames[-1].change["after"]


CRASHER = """
import asyncio, os, sys
from handoff_server.service import accounts, intake
from handoff_server.store import Store

async def main():
    store = Store(sys.argv[1])
    await store.start()
    session = await store.run(accounts.open_widget_session, "demo", "es")
    one = session["conversation_id"]
    async def chatter(lane):
        for n in range(100_000):
            await store.run(intake.receive, intake.IncomingMessage(one, f"{lane}:{n}", f"{lane}:{n}"))
            os.write(1, f"{lane}:{n}\\n".encode())
    await asyncio.gather(*(chatter(lane) for lane in range(8)))

asyncio.run(main())
"""


def test_what_was_acknowledged_before_a_kill_is_in_the_log_once(database: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CRASHER, database], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(200)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += process.stdout.read().split()
    process.wait(10)
    with sa.create_engine(database).connect() as connection:
        stored = connection.scalars(sa.select(t.messages.c.text)).all()
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
