"""The TCP connection under a WebSocket: cut off when its client has stopped reading, written to without detour when it
reads.

Event → queue → writer task → ASGI → framing costs three times as much CPU as the event's way through the kernel, for
each recipient again; the frame is the same for all. So it is made once and written here. This reaches into uvicorn's
WebSocket protocol (pinned; tests/server/test_sockets.py holds it), as there is no public way to its transport.
"""

import struct
from collections.abc import Mapping
from typing import Any


class Wire:
    """uvicorn's protocol object of one WebSocket."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._transport = protocol.transport

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> "Wire | None":
        """The wire of an Engine.IO connection; None while it is polling, under another server, or compressed."""
        protocol = getattr(environ.get("asgi.send"), "__self__", None)
        conn = getattr(protocol, "conn", None)
        return None if conn is None or conn.extensions else cls(protocol)

    def write(self, frame: bytes) -> bool:
        """Sends the frame at once; False, and nothing is sent, when the client is behind or the connection ends."""
        protocol = self._protocol
        if not protocol.writable.is_set() or protocol.close_sent or self._transport.is_closing():
            return False
        self._transport.write(frame)
        return True

    def cut(self) -> None:
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
