"""One Socket.IO connection of a real client, that can be cut and stalled. A call that gets no answer fails at once when
the connection goes, so that whoever called can connect again and repeat it."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import aiohttp
import socketio

Answer = dict[str, Any]
PATIENCE = 6.0  # seconds for an answer: a little more than the store waits for a lock


class Gone(Exception):
    """No connection, or no answer; nobody knows whether the call was heard."""


class Wire:
    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._client = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=http)
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client.on("disconnect", self._went)

    def on(self, event: str, handler: Callable[[Answer], None]) -> None:
        self._client.on(event, handler)

    async def connect(self, url: str, path: str, headers: dict[str, str], auth: Answer | None = None) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._client.connect(
                    url, socketio_path=path, headers=headers, auth=auth, transports=["websocket"], wait_timeout=PATIENCE
                )
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Gone(str(error)) from None

    @property
    def open(self) -> bool:
        return bool(self._client.connected) and not self._gone.done()

    async def call(self, event: str, data: Answer) -> Answer:
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def acknowledged(answer: Answer) -> None:
            if not answered.done():
                answered.set_result(answer)

        try:
            await self._client.emit(event, data, callback=acknowledged)
        except (socketio.exceptions.SocketIOError, aiohttp.ClientError, OSError):
            raise Gone(event) from None
        either: list[asyncio.Future[Any]] = [answered, self._gone]
        await asyncio.wait(either, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not answered.done():
            raise Gone(event)
        return answered.result()

    async def gone(self, seconds: float) -> None:
        """Returns when the connection goes, at the latest after `seconds`."""
        await asyncio.wait({self._gone}, timeout=seconds)

    def cut(self) -> None:
        """As when a phone leaves the house."""
        if transport := self._transport():
            transport.abort()
        self._went()

    def stall(self) -> None:
        """Nothing is read any more, and the buffers are small."""
        if transport := self._transport():
            with contextlib.suppress(OSError, AttributeError):
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            transport.pause_reading()

    def go_on(self) -> None:
        if transport := self._transport():
            transport.resume_reading()

    async def close(self) -> None:
        self._went()
        with contextlib.suppress(Exception):  # it may be half dead; it has to be gone, no more
            async with asyncio.timeout(1):
                await self._client.disconnect()

    def _went(self, *_reason: Any) -> None:
        if not self._gone.done():
            self._gone.set_result(None)

    def _transport(self) -> Any:
        """The library shows no transport; this is where it keeps it."""
        opened = getattr(self._client.eio, "ws", None)
        connection = getattr(getattr(opened, "_response", None), "connection", None)
        return getattr(connection, "transport", None)
