"""A Socket.IO client that frames by hand: 21 µs an event where python-socketio's own takes 80, so that the client is
not what is measured. WebSocket only; `tests/benchmarks` holds it against the real server.
"""

import asyncio
import json
import os
import struct
from base64 import b64encode
from collections.abc import Callable
from typing import Any, cast

EventHandler = Callable[[str, Any], None]
_OPEN, _PING, _MESSAGE = b"0", b"2", b"4"


class RawSocket(asyncio.Protocol):
    """One connection. `on_event(name, data)` is called for each event, unless `on_packet` takes the raw bytes."""

    def __init__(self, request: bytes, auth: dict[str, Any] | None, on_event: EventHandler) -> None:
        self._request, self._auth = request, auth
        self.on_event = on_event
        self.on_packet: Callable[[bytes], None] | None = None
        self.connected: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._calls: dict[int, asyncio.Future[Any]] = {}
        self._next_call = 0
        self._buffer = bytearray()
        self._upgraded = False

    async def call(self, event: str, data: dict[str, Any], seconds: float = 30) -> Any:
        """The acknowledgement of a call."""
        self._next_call += 1
        answer = self._calls[self._next_call] = asyncio.get_running_loop().create_future()
        self.send(b"42%d" % self._next_call + json.dumps([event, data]).encode())
        return await asyncio.wait_for(answer, seconds)

    def send(self, packet: bytes) -> None:
        self.transport.write(framed(packet))

    def close(self) -> None:
        self.transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._upgraded and not self._upgrade():
            return
        for packet in self._packets():
            self._receive(packet)

    def connection_lost(self, _error: Exception | None) -> None:
        for waiting in (self.connected, *self._calls.values()):
            if not waiting.done():
                waiting.set_exception(ConnectionError("the server closed the socket"))
                waiting.exception()  # whoever does not wait for it is not to be warned
        if not self.lost.done():
            self.lost.set_result(None)

    def _upgrade(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 101"):
            self.connected.set_exception(ConnectionError(self._buffer[:200].decode(errors="replace")))
            self.transport.abort()
            return False
        del self._buffer[: end + 4]
        self._upgraded = True
        return True

    def _packets(self) -> list[bytes]:
        """Whole frames from the buffer. A server's frames are not masked, and ours are never fragmented."""
        found, buffer, at = [], self._buffer, 0
        while len(buffer) - at >= 2:
            opcode, length, start = buffer[at] & 15, buffer[at + 1] & 127, at + 2
            if length == 126:
                if len(buffer) < at + 4:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 4]), at + 4
            elif length == 127:
                if len(buffer) < at + 10:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 10]), at + 10
            if len(buffer) < start + length:
                break
            at = start + length
            if opcode == 9:
                self.transport.write(framed(bytes(buffer[start:at]), 0x8A))
            elif opcode in (1, 2):
                found.append(bytes(buffer[start:at]))
        del buffer[:at]
        return found

    def _receive(self, packet: bytes) -> None:
        if packet.startswith(b"42"):
            if self.on_packet:
                self.on_packet(packet)
            else:
                name, *data = json.loads(packet[2:])
                self.on_event(name, data[0] if data else None)
        elif packet.startswith(b"43"):
            place = packet.index(b"[")
            answer = self._calls.pop(int(packet[2:place]))
            if not answer.done():
                answer.set_result(json.loads(packet[place:])[0])
        elif packet.startswith(_PING):
            self.send(b"3")
        elif packet.startswith(_OPEN):
            self.send(b"40" + (json.dumps(self._auth).encode() if self._auth else b""))
        elif packet.startswith(b"40"):
            self.connected.set_result(json.loads(packet[2:]))
        elif packet.startswith(b"44"):
            self.connected.set_exception(ConnectionError(packet[2:].decode()))


def framed(packet: bytes, first: int = 0x81) -> bytes:
    """A client's WebSocket frame. Its mask is zero, which leaves the packet as it is."""
    length = len(packet)
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 65_536:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + b"\0\0\0\0" + packet


async def open_socket(
    port: int,
    path: str,
    on_event: EventHandler = lambda _name, _data: None,
    auth: dict[str, Any] | None = None,
    **headers: str,
) -> RawSocket:
    """A connected socket at `path`, for instance `/console/socket.io`."""
    lines = [
        f"GET {path}/?EIO=4&transport=websocket HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    loop = asyncio.get_running_loop()
    _transport, socket = await loop.create_connection(
        lambda: RawSocket(request, auth, on_event), host="127.0.0.1", port=port
    )
    await asyncio.wait_for(socket.connected, 30)
    return socket
