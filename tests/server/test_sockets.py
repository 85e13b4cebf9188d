"""Clients that read slowly or not at all: bounded, cut off, harmless to others, and whole again when they come back."""

import asyncio
import json
import socket
import struct
import threading
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx
import pytest
from conftest import Console, Hub, until

from handoff_server.change import Change
from handoff_server.conversations import SYSTEM
from handoff_server.service import accounts
from handoff_server.sockets import console as console_socket
from handoff_server.sockets import frames, send_queue
from handoff_server.sockets import server as socket_server
from handoff_server.sockets.frames import Frames
from handoff_server.sockets.wire import Wire, text_frame
from handoff_server.store import last_seq
from handoff_server.transaction import Tx

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
async def plain_console(hub: Hub, email: str, polling: bool = False) -> AsyncIterator[PlainConsole]:
    """Connected, with a small window, so that the kernel soon stops taking. `polling`: only then as a WebSocket."""
    cookie = await hub.log_in(email)
    loop = asyncio.get_running_loop()
    async with _polled(hub, cookie) if polling else nullcontext("") as sid, _connection(hub) as connection:
        upgrade = f"&sid={sid}" if sid else ""
        await loop.sock_sendall(connection, _get(hub, cookie, f"websocket{upgrade}", *_WEBSOCKET))
        if not polling:
            await _read_until(connection, b'0{"sid"')
            await loop.sock_sendall(connection, _masked(b"40"))  # Socket.IO's CONNECT
            await _read_until(connection, b'40{"sid"')
        else:
            await _read_until(connection, b"\r\n\r\n")
            await loop.sock_sendall(connection, _masked(b"2probe"))
            await _read_until(connection, b"3probe")
            await loop.sock_sendall(connection, _masked(b"5"))
        yield PlainConsole(connection)


@asynccontextmanager
async def _connection(hub: Hub) -> AsyncIterator[socket.socket]:
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
        yield connection


@asynccontextmanager
async def _polled(hub: Hub, cookie: str) -> AsyncIterator[str]:
    """The id of an Engine.IO session that polling has begun."""
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
        path = "/console/socket.io/?EIO=4&transport=polling"
        sid = str(json.loads((await http.get(path)).text[1:])["sid"])
        assert (await http.post(f"{path}&sid={sid}", content="40")).text == "OK"
        assert (await http.get(f"{path}&sid={sid}")).text.startswith('40{"sid"')
        yield sid


_WEBSOCKET = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {b64encode(b'0' * 16).decode()}",
    "Sec-WebSocket-Version: 13",
)


def _get(hub: Hub, cookie: str, transport: str, *headers: str) -> bytes:
    first = f"GET /console/socket.io/?EIO=4&transport={transport} HTTP/1.1"
    lines = (first, f"Host: {hub.url.removeprefix('http://')}", *headers, f"Cookie: {cookie}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _masked(packet: bytes) -> bytes:
    """A client's WebSocket frame, masked with zeros."""
    return bytes((0x81, 0x80 | len(packet))) + bytes(4) + packet


async def _read_until(connection: socket.socket, words: bytes) -> None:
    answer = b""
    while words not in answer:
        received = await asyncio.get_running_loop().sock_recv(connection, 65_536)
        assert received, answer
        answer += received


@pytest.mark.parametrize("polling", [False, True])
async def test_a_stalled_console_is_cut_off_and_catches_up(hub: Hub, polling: bool) -> None:
    async with (
        plain_console(hub, "jorge@demo.example", polling) as stalled,
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


@pytest.mark.parametrize("polling", [False, True])
async def test_a_slow_console_gets_everything_in_order(hub: Hub, polling: bool) -> None:
    async with plain_console(hub, "jorge@demo.example", polling) as slow:
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


async def test_a_console_that_begins_with_polling_is_soon_told_without_detour(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    write = Wire.write
    monkeypatch.setattr(Wire, "write", lambda wire, frame: write(wire, frame) and not written.append(frame))
    async with Console(hub, await hub.log_in("marta@demo.example"), ["polling", "websocket"]) as marta:
        for _ in range(20):
            await hub.store.run(tell)
        newest = await hub.store.read(last_seq)
        await until(lambda: marta.seq == newest)
        assert marta.client.transport() == "websocket" and marta.gaps == 0
        assert any(b'"seq":%d,' % newest in frame for frame in written)


async def test_a_console_that_goes_on_polling_hears_everything(short_waits: None, hub: Hub) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example"), ["polling"]) as marta:
        for _ in range(20):
            await hub.store.run(tell)
        newest = await hub.store.read(last_seq)
        await until(lambda: marta.seq == newest)
        assert marta.client.transport() == "polling" and marta.gaps == 0


@pytest.mark.parametrize("ended_by", ["the bound", "the next poll", "log-out"])
async def test_an_answer_that_a_polling_console_does_not_read_is_cut_off(
    short_waits: None, hub: Hub, monkeypatch: pytest.MonkeyPatch, ended_by: str
) -> None:
    monkeypatch.setattr(send_queue, "MAX_BYTES", 2 * MORE_THAN_THE_KERNEL_TAKES * len(PADDING))
    cookie = await hub.log_in("jorge@demo.example")
    loop = asyncio.get_running_loop()
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        _polled(hub, cookie) as sid,
        _connection(hub) as stalled,
        _connection(hub) as other,
    ):
        await _tell_all(hub, marta, MORE_THAN_THE_KERNEL_TAKES * 3 // 2)
        poll = _get(hub, cookie, f"polling&sid={sid}")
        await loop.sock_sendall(stalled, poll)
        await asyncio.sleep(0.2)
        if ended_by == "the next poll":
            await loop.sock_sendall(other, poll)
        elif ended_by == "log-out":
            await hub.store.run(accounts.end_session, cookie.partition("=")[2])
        await _tell_all(hub, marta, 3 * MORE_THAN_THE_KERNEL_TAKES if ended_by == "the bound" else 1)
        await asyncio.sleep(1)
        assert await _all_of(stalled) < MORE_THAN_THE_KERNEL_TAKES * len(PADDING)


async def _tell_all(hub: Hub, console: Console, times: int) -> None:
    """All consoles have been told `times` times, or their queues have, as this one shows that reads."""
    for _ in range(times):
        await hub.store.run(tell, PADDING)
    newest = await hub.store.read(last_seq)
    await until(lambda: console.seq >= newest)


async def _all_of(connection: socket.socket) -> int:
    """How many bytes still come before the connection ends."""
    came = 0
    async with asyncio.timeout(10):
        try:
            while received := await asyncio.get_running_loop().sock_recv(connection, 1 << 20):
                came += len(received)
        except ConnectionResetError:
            pass
    return came


@pytest.mark.parametrize("busy", ["read", "run"])
async def test_an_agent_who_leaves_while_he_is_let_in_is_no_ghost(hub: Hub, busy: str) -> None:
    gate = threading.Event()
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta, httpx.AsyncClient() as http:
        http.headers["Cookie"] = await hub.log_in("jorge@demo.example")
        path = f"{hub.url}/console/socket.io/?EIO=4&transport=polling"
        path += f"&sid={json.loads((await http.get(path)).text[1:])['sid']}"
        held = [getattr(hub.store, busy)(lambda _transaction: gate.wait(4)) for _ in range(4 if busy == "read" else 1)]
        waiting = [asyncio.create_task(one) for one in held]
        coming = asyncio.create_task(http.post(path, content="40"))
        await asyncio.sleep(0.2)
        await http.post(path, content="1")
        gate.set()
        await asyncio.gather(*waiting, coming)
        await until(lambda: len(_comings_and_goings(marta, "Jorge")) == 2)
        assert _presence(marta, "Jorge") == "offline"


def _comings_and_goings(console: Console, name: str) -> list[Any]:
    events = console.records["events"].values()
    return [one for one in events if one["name"] == "agent.updated" and one["actor"]["name"] == name]


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
