"""A hub that is asked to end does so in time and well, and the next one goes on where it left."""

import asyncio
import itertools
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import socketio
import sqlalchemy as sa
from conftest import Console, Hub, Widget, agents, spoken, until
from hub_process import hub_process

from handoff_server import tables as t

pytestmark = pytest.mark.asyncio


class Chatter:
    """A customer who writes on and on, and writes again what was not acknowledged."""

    def __init__(self, hub: Hub, session: dict[str, Any]) -> None:
        self.hub, self.session = hub, session
        self.acknowledged: list[str] = []
        self.left: str | None = None

    async def write(self) -> None:
        """Until the hub is gone."""
        try:
            async with Widget(self.hub, self.session) as widget:
                for number in itertools.count(len(self.acknowledged)):
                    self.left = self.left or f"{self.session['conversation_id'][:9]} {number}"  # too short for a card
                    answer = await widget.client.call(
                        "send", {"client_message_id": self.left, "text": self.left}, timeout=4
                    )
                    if answer["ok"]:
                        self.acknowledged.append(self.left)
                        self.left = None
                    else:
                        await asyncio.sleep(0.5)
        except (socketio.exceptions.SocketIOError, TimeoutError):
            return


def stalled_reader(port: int, cookie: str) -> socket.socket:
    """A console's socket that is opened and never read from."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lines = [
        "GET /console/socket.io/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        f"Cookie: {cookie}",
    ]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    connection.sendall(b"\x81\x82\x00\x00\x00\x0040")  # the namespace's CONNECT, masked with zeros
    return connection


async def said(hub: Hub) -> list[str]:
    query = sa.select(t.messages.c.text).where(t.messages.c.author == "customer").order_by(t.messages.c.id)
    return list(await hub.store.read(lambda connection: connection.scalars(query).all()))


async def test_an_end_under_traffic_loses_and_doubles_nothing(database: str, tmp_path: Path) -> None:
    """With an open console, a stalled one, customers who write, and a turn that Rasa never answers."""
    async with hub_process(database, tmp_path) as (process, hub):
        await agents(hub.store)
        cookie = await hub.log_in("marta@demo.example")

        async def never(turn: dict[str, Any]) -> Any:
            if turn["text"] == "lento":
                await asyncio.sleep(60)
            return spoken(turn, "eco")

        hub.rasa.answer = never
        chatters = [Chatter(hub, await hub.widget_session()) for _ in range(4)]
        slow = await hub.widget_session()
        stalled = stalled_reader(process.port, cookie)
        console, widget = Console(hub, cookie), Widget(hub, slow)
        await console.__aenter__()
        await widget.__aenter__()
        await widget.call("send", client_message_id="lento", text="lento")
        writing = [asyncio.create_task(chatter.write()) for chatter in chatters]
        await until(lambda: all(chatter.acknowledged for chatter in chatters), 20)
        await until(lambda: any(turn["text"] == "lento" for turn in hub.rasa.turns))

        assert await process.end() == 0, process.log.read_text()[-2000:]
        await until(lambda: not console.client.connected and not widget.client.connected)
        stalled.close()
        await asyncio.gather(*writing)
        acknowledged = [text for chatter in chatters for text in chatter.acknowledged]
        assert acknowledged and set(acknowledged) <= set(await said(hub))

        await process.start()
        writing = [asyncio.create_task(chatter.write()) for chatter in chatters]
        before = len(acknowledged)
        await until(lambda: sum(len(chatter.acknowledged) for chatter in chatters) > before + len(chatters), 20)
        async with Widget(hub, slow) as again:
            await until(lambda: again.state.get("owner") == "queue", 20)
            assert again.texts().count("lento") == 1
            assert sum("Perdona" in text for text in again.texts()) == 1, "people have what the bot could not finish"
        assert await process.end() == 0, process.log.read_text()[-2000:]
        await asyncio.gather(*writing)
        texts = await said(hub)
        assert len(texts) == len(set(texts)), "nothing twice"
        assert {text for chatter in chatters for text in chatter.acknowledged} <= set(texts), "nothing lost"
        assert sum(turn["text"] == "lento" for turn in hub.rasa.turns) == 1, "a turn is posted once"


async def test_a_locked_database_does_not_keep_a_hub_from_ending(database: str, tmp_path: Path) -> None:
    """What waits for the database has not been acknowledged: it is not kept, and not made later."""
    async with hub_process(database, tmp_path) as (process, hub):
        await agents(hub.store)
        cookie = await hub.log_in("marta@demo.example")
        async with Console(hub, cookie), Widget(hub, await hub.widget_session()) as widget:
            other = sqlite3.connect(tmp_path / "relevo.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            await widget.client.emit("send", {"client_message_id": "m", "text": "hola"})
            assert await process.end() == 0, process.log.read_text()[-2000:]
            other.execute("ROLLBACK")
            other.close()
        assert await said(hub) == []
