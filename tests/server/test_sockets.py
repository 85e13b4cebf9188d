"""Clients that read slowly or not at all: bounded, cut off, harmless to others, and whole again when they come back."""

import asyncio
import socket
import struct
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from conftest import Console, Hub, until

from handoff_server import console_socket, frames, socket_server
from handoff_server.change import Change
from handoff_server.conversations import SYSTEM
from handoff_server.frames import Frames
from handoff_server.service import accounts
from handoff_server.store import last_seq
from handoff_server.transaction import Tx
from handoff_server.wire import text_frame

PADDING = "x" * 200_000
MORE_THAN_THE_KERNEL_TAKES = 30  # times PADDING; some 4 MB stay in its buffers
pytestmark = pytest.mark.asyncio


def tell(tx: Tx, padding: str = "") -> None:
    """An event for all consoles, of whatever size."""
    tx.record("agent.updated", SYSTEM, data={"padding": padding})


class PlainConsole:
    """A console on a bare TCP connection: reads only when it is told to."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._buffer = b""

    async def frames(self, seq: int) -> list[dict[str, Any]]:
        """What came, up to the change `seq`."""
        loop, found = asyncio.get_running_loop(), []
        async with asyncio.timeout(10):
            while not found or found[-1]["seq"] < seq:
                received = await loop.sock_recv(self.connection, 1 << 20)
                assert received, "the server closed the connection"
                self._buffer += received
                found += self._changes()
        return found

    async def until_lost(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            try:
                while await loop.sock_recv(self.connection, 1 << 20):
                    pass
            except ConnectionResetError:
                pass

    def _changes(self) -> list[dict[str, Any]]:
        found = []
        while packet := self._packet():
            if packet.startswith(b'42["change",'):
                numbers = {
                    name: int(packet.split(b'"%s":' % name, 1)[1].split(b",", 1)[0]) for name in (b"after", b"seq")
                }
                found.append({"after": numbers[b"after"], "seq": numbers[b"seq"]})
        return found

    def _packet(self) -> bytes:
        size = self._buffer[1] & 127 if len(self._buffer) > 10 else 0
        head, form = {126: (4, "!H"), 127: (10, "!Q")}.get(size, (2, ""))
        length = struct.unpack(form, self._buffer[2:head])[0] if form else size
        if len(self._buffer) < head + length or not self._buffer:
            return b""
        packet, self._buffer = self._buffer[head : head + length], self._buffer[head + length :]
        return packet


@asynccontextmanager
async def plain_console(hub: Hub, email: str) -> AsyncIterator[PlainConsole]:
    """Connected, with a small window, so that the kernel soon stops taking."""
    host, port = hub.url.removeprefix("http://").split(":")
    loop = asyncio.get_running_loop()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.setblocking(False)
        await loop.sock_connect(connection, (host, int(port)))
        lines = [
            "GET /console/socket.io/?EIO=4&transport=websocket HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {b64encode(b'0' * 16).decode()}",
            "Sec-WebSocket-Version: 13",
            f"Cookie: {await hub.log_in(email)}",
        ]
        await loop.sock_sendall(connection, ("\r\n".join(lines) + "\r\n\r\n").encode())
        await _read_until(connection, b'0{"sid"')
        await loop.sock_sendall(connection, b"\x81\x82" + bytes(4) + b"40")  # Socket.IO's CONNECT, masked with zeros
        await _read_until(connection, b'40{"sid"')
        yield PlainConsole(connection)


async def _read_until(connection: socket.socket, words: bytes) -> None:
    answer = b""
    while words not in answer:
        received = await asyncio.get_running_loop().sock_recv(connection, 65_536)
        assert received, answer
        answer += received


async def test_a_stalled_console_is_cut_off_and_catches_up(hub: Hub) -> None:
    async with (
        plain_console(hub, "jorge@demo.example") as stalled,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        before = marta.seq
        for _ in range(60):
            await hub.store.run(tell, PADDING)
        await until(lambda: marta.seq >= before + 60)
        assert marta.gaps == 0
        await stalled.until_lost()
        async with Console(hub, await hub.log_in("jorge@demo.example")) as back:
            await until(lambda: back.seq == marta.seq)
            caught_up = await back.call("sync", since=marta.seq - 5)
            assert [one["seq"] for one in caught_up["change"]["events"]] == list(range(marta.seq - 4, marta.seq + 1))


async def test_a_slow_console_gets_everything_in_order(hub: Hub) -> None:
    async with plain_console(hub, "jorge@demo.example") as slow:
        first = await hub.store.read(last_seq)
        for _ in range(MORE_THAN_THE_KERNEL_TAKES):
            await hub.store.run(tell, PADDING)
        reading = asyncio.create_task(slow.frames(first + MORE_THAN_THE_KERNEL_TAKES + 50))
        for _ in range(50):
            await hub.store.run(tell)
        seqs = [(one["after"], one["seq"]) for one in await reading if one["seq"] > first]
        assert seqs == [(first + place, first + place + 1) for place in range(MORE_THAN_THE_KERNEL_TAKES + 50)]


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_socket, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(socket_server, "CLOSING_SECONDS", 0.2)


async def test_a_session_that_ends_on_a_stalled_console_holds_nobody_up(short_waits: None, hub: Hub) -> None:
    async with plain_console(hub, "jorge@demo.example") as stalled:
        for _ in range(MORE_THAN_THE_KERNEL_TAKES):
            await hub.store.run(tell, PADDING)
        await hub.store.run(lambda tx: tx.connection.exec_driver_sql("DELETE FROM agent_sessions"))
        cookie = await hub.log_in("marta@demo.example")
        async with Console(hub, cookie) as marta:
            await until(lambda: _presence(marta, "Jorge") == "offline")
            await stalled.until_lost()
            await hub.store.run(accounts.end_session, cookie.partition("=")[2])
            await until(lambda: not marta.client.connected)


def _presence(console: Console, name: str) -> str:
    return next(str(one["presence"]) for one in console.records["agents"].values() if one["name"] == name)


async def test_frames_are_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_FRAMES", 3)
    dropped: list[Change] = []
    waiting = Frames(dropped.append)
    for seq in range(5):
        waiting.add({"seq": seq})
    assert [one["seq"] for one in dropped] == [0, 1]
    assert [waiting.get_nowait()["seq"] for _ in range(3)] == [2, 3, 4]


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
async def test_a_frame_is_as_the_standard_says(length: int) -> None:
    from websockets.frames import Frame, Opcode

    assert text_frame("x" * length) == Frame(Opcode.TEXT, b"x" * length).serialize(mask=False)
