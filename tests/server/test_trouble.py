"""The database in trouble: nobody waits for ever, nothing is done behind anybody's back, and it gets well by itself."""

import asyncio
import itertools
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import Console, Hub, Widget, eventually, until

from handoff_server import store as stores
from handoff_server import tables as t
from handoff_server.change import Change
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, intake
from handoff_server.sockets import console as console_socket
from handoff_server.sockets import widget as widget_socket
from handoff_server.store import Committed, Store
from handoff_server.transaction import Tx


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another process holds the one write lock that SQLite has."""
    other = sqlite3.connect(folder / "relevo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "MAX_WAIT_SECONDS", 0.3)


async def conversation(store: Store) -> str:
    session = await store.run(accounts.open_widget_session, "demo", "es")
    return str(session["conversation_id"])


async def said(store: Store) -> list[str]:
    query = sa.select(t.messages.c.text).where(t.messages.c.author == "customer").order_by(t.messages.c.id)
    return list(await store.read(lambda connection: connection.scalars(query).all()))


def incoming(conversation_id: str, text: str) -> intake.IncomingMessage:
    return intake.IncomingMessage(conversation_id, f"{conversation_id}:{text}", text)


@pytest.mark.asyncio
async def test_a_caller_is_told_overloaded_and_his_change_is_not_made_later(
    store: Store, tmp_path: Path, hasty: None
) -> None:
    one = await conversation(store)
    with locked(tmp_path):
        asked = (store.run(intake.receive, incoming(one, f"m{number}")) for number in range(20))
        results = await asyncio.gather(*asked, return_exceptions=True)
    assert {getattr(result, "code", None) for result in results} == {"overloaded"}
    assert all(isinstance(result, Refusal) and result.details["retry_after"] for result in results)
    await store.run(intake.receive, incoming(one, "after"))
    assert await said(store) == ["after"]


@pytest.mark.asyncio
async def test_asked_again_with_the_same_key_after_trouble_it_is_done_once(
    store: Store, tmp_path: Path, hasty: None
) -> None:
    one = await conversation(store)
    with locked(tmp_path), pytest.raises(Refusal, match="overloaded"):
        await store.run(intake.receive, incoming(one, "hola"))
    for _ in range(2):
        await store.run(intake.receive, incoming(one, "hola"))
    assert await said(store) == ["hola"]


@pytest.mark.asyncio
async def test_a_full_disk_refuses_the_whole_group_and_leaves_nothing_of_it(store: Store) -> None:
    """SQLite may roll a full transaction back by itself, so a part of the group must not be committed."""
    one = await conversation(store)
    frames: list[Change] = []
    store.listen(lambda committed: frames.append(committed.change))

    def bounded(tx: Tx, more_pages: int) -> None:
        pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar()
        tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + more_pages}")

    await store.run(bounded, 0)
    big = "x" * 3_900
    asked = (store.run(intake.receive, incoming(one, f"{number}{big}")) for number in range(100))
    results = await asyncio.gather(*asked, return_exceptions=True)
    refused = {number for number, result in enumerate(results) if isinstance(result, Refusal)}
    assert refused and {results[number].code for number in refused} == {"overloaded"}
    await store.run(bounded, 100_000)
    kept = {int(text.partition("x")[0]) for text in await said(store)}
    assert kept == set(range(100)) - refused
    await store.run(intake.receive, incoming(one, "after"))
    told = [frame for frame in frames if frame["events"]]
    assert all(later["after"] == earlier["seq"] for earlier, later in itertools.pairwise(told))


@pytest.mark.asyncio
async def test_what_a_failed_commit_left_after_all_is_told_with_the_next_one(store: Store) -> None:
    """A connection that breaks at the commit: nobody knows, until the next one looks."""
    one = await conversation(store)
    frames: list[Committed] = []

    def commit_and_break(_connection: sa.Connection) -> None:
        _connection.connection.dbapi_connection.execute("COMMIT")  # type: ignore[union-attr]
        sa.event.remove(store._engine, "commit", commit_and_break)
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the server closed the connection"))

    sa.event.listen(store._engine, "commit", commit_and_break)
    with pytest.raises(Refusal, match="overloaded"):
        await store.run(intake.receive, incoming(one, "perhaps"))
    store.listen(frames.append)
    await store.run(intake.receive, incoming(one, "surely"))
    assert await said(store) == ["perhaps", "surely"]
    (frame,) = [one.change for one in frames if one.change["events"]]
    assert [message["text"] for message in frame["messages"]] == ["perhaps", "surely"]
    newest = await store.read(stores.last_seq)
    assert frame["seq"] == newest and frame["after"] == newest - len(frame["events"])


@pytest.mark.asyncio
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_postgresql_that_cuts_everybody_off_is_overloaded_once_and_then_used_again(
    store: Store, database: str
) -> None:
    one = await conversation(store)
    await store.run(intake.receive, incoming(one, "before"))
    other = sa.create_engine(database, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.dispose()
    asked = (store.run(intake.receive, incoming(one, f"m{number}")) for number in range(5))
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert {result.code for result in results if isinstance(result, Refusal)} <= {"overloaded"}
    assert not [result for result in results if isinstance(result, Exception) and not isinstance(result, Refusal)]
    for number in range(5):
        await store.run(intake.receive, incoming(one, f"m{number}"))
    assert sorted(await said(store)) == ["before", *(f"m{number}" for number in range(5))]


@pytest.mark.asyncio
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_a_table_that_somebody_locks_on_postgresql_is_overloaded_until_he_lets_go(
    store: Store, database: str, hasty: None
) -> None:
    one = await conversation(store)
    other = sa.create_engine(database)
    with other.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE messages IN EXCLUSIVE MODE")
        with pytest.raises(Refusal, match="overloaded"):
            await store.run(intake.receive, incoming(one, "begun"))
        with pytest.raises(Refusal, match="overloaded"):
            await store.run(intake.receive, incoming(one, "queued"))
    other.dispose()
    await eventually(lambda: written(store, one))
    assert "queued" not in await said(store)


async def written(store: Store, conversation_id: str) -> bool:
    """Whether a change goes through. The one that was begun before may still hold the writer up."""
    try:
        await store.run(intake.receive, incoming(conversation_id, "after"))
        return True
    except Refusal:
        return False


@pytest.mark.asyncio
async def test_widgets_consoles_and_webhooks_hear_overloaded_and_go_on_afterwards(
    hub: Hub, tmp_path: Path, hasty: None
) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as console, Widget(hub, await hub.widget_session()) as widget:
        await widget.call("ask_human", client_message_id="h")
        await until(lambda: widget.conversation_id in console.records["conversations"])
        with locked(tmp_path):
            answers = await asyncio.gather(
                widget.call("send", client_message_id="m", text="hola"),
                console.ask("claim", widget.conversation_id),
            )
            assert [answer["error"]["code"] for answer in answers] == ["overloaded", "overloaded"]
            assert all(answer["error"]["retry_after"] for answer in answers)
            async with httpx.AsyncClient(base_url=hub.url) as http:
                refused = await http.post(
                    "/widget/v1/sessions", json={"key": "demo", "language": "es"}, headers={"Origin": hub.url}
                )
            assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
        assert (await widget.call("send", client_message_id="m", text="hola"))["ok"]
        assert (await console.ask("claim", widget.conversation_id))["ok"]
        await until(lambda: "hola" in console.texts(widget.conversation_id))
        assert widget.texts().count("hola") <= 1 and console.gaps == 0


@pytest.mark.asyncio
async def test_a_widget_that_could_not_be_told_comes_back_and_sees_everything(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database breaks between the commit and the reading of it."""
    session = await hub.widget_session()
    read = widget_socket._messages
    failures = [sa.exc.OperationalError("SELECT", {}, Exception("the server closed the connection"))]

    def broken_once(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return read(*arguments)

    async with Widget(hub, session) as widget:
        monkeypatch.setattr(widget_socket, "_messages", broken_once)
        await widget.client.emit("ask_human", {"client_message_id": "h"})
        await until(lambda: not widget.client.connected)
    async with Widget(hub, session) as again:
        assert len(again.texts()) == 2 and again.state["owner"] == "queue"


@pytest.mark.asyncio
async def test_a_console_can_be_opened_while_nothing_can_be_written(hub: Hub, tmp_path: Path, hasty: None) -> None:
    cookie = await hub.log_in("marta@demo.example")
    with locked(tmp_path):
        async with Console(hub, cookie) as console:
            assert console.me["name"] == "Marta"


@pytest.mark.asyncio
async def test_a_locked_database_does_not_keep_the_store_from_ending(tmp_path: Path, store: Store, hasty: None) -> None:
    one = await conversation(store)
    with locked(tmp_path):
        waiting = asyncio.create_task(store.run(intake.receive, incoming(one, "hola")))
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await store.stop()
        with pytest.raises(Refusal, match="overloaded"):
            await waiting


@pytest.mark.asyncio
async def test_the_log_of_a_failed_statement_holds_nobodys_words(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await conversation(store)

    def refused(tx: Tx) -> None:
        row = {"id": "c1", "customer_id": "nobody", "channel": "web", "account": "SECRET", "external_id": "SECRET"}
        tx.connection.execute(t.conversations.insert().values(**row))

    with pytest.raises(sa.exc.IntegrityError) as failure:
        await store.run(refused)
    assert "SECRET" not in str(failure.value) and one


@pytest.mark.asyncio
async def test_a_store_in_trouble_ends_nobodys_session(hub: Hub, hasty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_socket, "HEARTBEAT_SECONDS", 0.1)
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        ended: list[Any] = []
        console.client.on("session_ended", ended.append)
        busy = threading.Event()
        waiting = [asyncio.create_task(hub.store.read(lambda _connection: busy.wait(2))) for _ in range(4)]
        await asyncio.sleep(0.05)
        answer = await console.call("typing", conversation_id="c-any")
        await asyncio.sleep(0.6)  # some heartbeats, each of which looks for the session
        busy.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert answer["error"]["code"] == "overloaded"
        assert (await console.call("snapshot"))["ok"] and ended == []
