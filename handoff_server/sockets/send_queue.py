"""What waits to be sent to one socket, with a bound: a client that stops reading must not fill the server's memory."""

import asyncio
from collections.abc import Callable
from typing import Any

MAX_PACKETS = 1_000
MAX_BYTES = 4_000_000


class SendQueue(asyncio.Queue[Any]):
    """Engine.IO's queue of packets. Over a bound it is abandoned, and `on_overflow` called, once."""

    def __init__(self, on_overflow: Callable[["SendQueue"], None]) -> None:
        super().__init__()
        self._on_overflow = on_overflow
        self._bytes = 0
        self._waiting = 0
        self._overflown = False

    @property
    def idle(self) -> bool:
        """Whether all that was put here has been sent: the one who sends waits for more."""
        return bool(self._waiting) and self.empty()

    async def get(self) -> Any:
        self._waiting += 1
        try:
            return await super().get()
        finally:
            self._waiting -= 1

    async def put(self, packet: Any) -> None:
        self.put_nowait(packet)

    def put_nowait(self, packet: Any) -> None:
        """Takes the packet; None, the sign of the end, always."""
        if packet is not None and (self._overflown or self.qsize() >= MAX_PACKETS or self._bytes >= MAX_BYTES):
            self._overflow()
        else:
            super().put_nowait(packet)

    def abandon(self) -> None:
        """Nobody will read what waits here, nor what may come; who waits for that need not wait any longer."""
        self._overflown = True
        while not self.empty():
            self.get_nowait()
            self.task_done()
        if self._waiting:
            self.put_nowait(None)

    def _overflow(self) -> None:
        if not self._overflown:
            self.abandon()
            self._on_overflow(self)

    def _put(self, packet: Any) -> None:
        self._bytes += _size(packet)
        super()._put(packet)

    def _get(self) -> Any:
        packet = super()._get()
        self._bytes -= _size(packet)
        return packet


def _size(packet: Any) -> int:
    data = packet.data if packet is not None else None
    return len(data) if isinstance(data, str | bytes) else 0
