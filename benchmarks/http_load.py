"""Posts over kept-alive connections: as fast as answers come, or at fixed times whatever the server does."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

Request = Callable[[int], bytes]


class HttpConnection(asyncio.Protocol):
    """One kept-alive connection with one request under way. `on_answer(connection, status)`."""

    def __init__(self, on_answer: Callable[["HttpConnection", int], None]) -> None:
        self._on_answer = on_answer
        self._buffer = b""
        self.number = -1  # of the request under way

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def post(self, number: int, request: bytes) -> None:
        self.number = number
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        status = int(self._buffer[9:12])
        self._buffer = b""
        self._on_answer(self, status)


@dataclass
class Posted:
    """What became of a load: when each request was meant to leave, and how each was answered."""

    meant: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)  # status → how often
    seconds: float = 0.0

    def add(self, status: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1


class HttpLoad:
    """`connections` to one port. Use `async with`."""

    def __init__(self, port: int, connections: int) -> None:
        self._port, self._size = port, connections

    async def __aenter__(self) -> "HttpLoad":
        self._free: deque[HttpConnection] = deque()
        loop = asyncio.get_running_loop()
        for _ in range(self._size):
            _transport, connection = await loop.create_connection(
                lambda: HttpConnection(self._answered), "127.0.0.1", self._port
            )
            self._free.append(connection)
        self._all = list(self._free)
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._all:
            connection.transport.abort()

    async def flat_out(self, request: Request, first: int, count: int) -> Posted:
        """`count` requests, each connection posting as soon as it was answered."""
        return await self._run(request, first, count, rate=None)

    async def open_loop(self, request: Request, first: int, count: int, rate: float) -> Posted:
        """`count` requests at fixed times. Where no connection is free a request waits, and its latency grows."""
        return await self._run(request, first, count, rate)

    async def _run(self, request: Request, first: int, count: int, rate: float | None) -> Posted:
        self._request, self._next, self._end = request, first, first + count
        self._due = first if rate else self._end
        self._left = count
        self._posted = Posted([0.0] * count)
        self._first = first
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        self._pump()
        if rate:
            await self._tick(began, rate)
        await asyncio.wait_for(self._done, 120)
        self._posted.seconds = time.perf_counter() - began
        return self._posted

    async def _tick(self, began: float, rate: float) -> None:
        meant = self._posted.meant
        for place in range(len(meant)):
            meant[place] = began + place / rate
        while self._due < self._end:
            now = time.perf_counter()
            place = self._due - self._first
            if meant[place] > now:
                await asyncio.sleep(meant[place] - now)
                continue
            self._due += 1
            self._pump()

    def _pump(self) -> None:
        while self._next < self._due and self._free:
            connection = self._free.popleft()
            connection.post(self._next, self._request(self._next))
            self._next += 1

    def _answered(self, connection: HttpConnection, status: int) -> None:
        self._posted.add(status)
        self._left -= 1
        self._free.append(connection)
        self._pump()
        if self._left == 0:
            self._done.set_result(None)


def post(port: int, path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Content-Type: application/json"]
    head = "\r\n".join([*lines, *headers, f"Content-Length: {len(body)}"])
    return head.encode() + b"\r\n\r\n" + body
