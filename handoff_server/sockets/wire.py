"""The TCP connections under Engine.IO: cut off when the client has stopped reading; a WebSocket is written to without
detour while it reads.

Event → queue → writer task → ASGI → framing costs three times as much CPU as the event's way through the kernel, for
each recipient again; the frame is the same for all. So it is made once and written here. This reaches into uvicorn's
protocols (pinned; tests/server/test_sockets.py holds it), as there is no public way to their transports.
"""

import struct
from typing import Any


class Wire:
    """uvicorn's protocol object of one WebSocket."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport

    @classmethod
    def of(cls, send: Any) -> "Wire | None":
        """The wire behind an ASGI `send`; None when it is no WebSocket, under another server, or compressed."""
        protocol = getattr(send, "__self__", None)
        conn = getattr(protocol, "conn", None)
        return None if getattr(conn, "extensions", True) else cls(protocol)

    def write(self, frame: bytes) -> bool:
        """Sends the frame at once; False, and nothing is sent, when the client is behind or the connection ends."""
        protocol = self._protocol
        if not protocol.writable.is_set() or protocol.close_sent or self._transport.is_closing():
            return False
        self._transport.write(frame)
        return True

    def cut(self) -> None:
        self._transport.abort()


class Poll:
    """uvicorn's answer to one request of a client that is polling."""

    def __init__(self, cycle: Any) -> None:
        self._cycle = cycle
        self._transport = cycle.transport

    @classmethod
    def of(cls, send: Any) -> "Poll | None":
        """The answer behind an ASGI `send`; None under another server."""
        cycle = getattr(send, "__self__", None)
        return cls(cycle) if hasattr(cycle, "transport") else None

    def cut(self) -> None:
        """Ends the connection if the client has not read the answer. One that it has read may by now carry another's
        request: proxies use connections again."""
        is_ours = self._transport.get_protocol().cycle is self._cycle
        if is_ours and self._transport.get_write_buffer_size():
            self._transport.abort()


def text_frame(text: str) -> bytes:
    """A server's WebSocket frame: RFC 6455 §5.2, one piece, not masked."""
    payload = text.encode()
    length = len(payload)
    if length < 126:
        return struct.pack("!BB", 0x81, length) + payload
    if length < 65_536:
        return struct.pack("!BBH", 0x81, 126, length) + payload
    return struct.pack("!BBQ", 0x81, 127, length) + payload
