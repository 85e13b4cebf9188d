"""A Socket.IO server of ours: every call is answered, also one that fails or that nobody knows, and a client that
stops reading is cut off.

(python-socketio sends no acknowledgement when a handler raises, and lets what a client does not read pile up.)
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import socketio
import structlog

from handoff_server.limits import Cap, Limit, source_of
from handoff_server.refusal import Refusal
from handoff_server.sockets.fan_out import FanOut
from handoff_server.sockets.packet import Encoded, TextPacket
from handoff_server.sockets.send_queue import SendQueue
from handoff_server.sockets.wire import Poll, Wire

log = structlog.get_logger()
Answer = dict[str, Any]
CLOSING_SECONDS = 5
INTRODUCTION_SECONDS = 10


class SocketServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """python-socketio's server, whose connections end for certain: what is left of one is cut off.

    Nobody holds more than a number of connections, nor one for long without saying who he is.
    """

    def __init__(self, most_per_source: int, **options: Any) -> None:
        self._cap = Cap(most_per_source)
        self._sources: dict[str, str] = {}
        self._wires: dict[str, Wire] = {}
        self._polls: dict[str, Poll] = {}  # the newest answer to each client that is polling
        self._ending: set[asyncio.Task[None]] = set()
        super().__init__(async_mode="asgi", client_manager=FanOut(self._wires), serializer=TextPacket, **options)
        self.eio.create_queue = lambda: SendQueue(self._overflown)

    def _overflown(self, queue: SendQueue) -> None:
        """Too much waits for a client that does not read. It catches up when it comes back."""
        socket = next((one for one in self.eio.sockets.values() if one.queue is queue), None)
        if socket is None:
            return
        log.warning("socket.stalled")
        task = asyncio.create_task(self._end(socket))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, socket: Any) -> None:
        lines = self._lines(socket.sid)
        await socket.close(wait=False, abort=True, reason=self.reason.TRANSPORT_ERROR)
        for line in lines:
            line.cut()

    def _lines(self, eio_sid: str) -> list[Wire | Poll]:
        """The connections of a client that may have to be cut."""
        found = (self._wires.get(eio_sid), self._polls.get(eio_sid))
        return [line for line in found if line]

    async def disconnect(self, sid: str, namespace: str | None = None, **options: Any) -> None:
        """Says good-bye; the library leaves it to the client to close the connection."""
        lines = self._lines(self.manager.eio_sid_from_sid(sid, namespace or "/"))
        await super().disconnect(sid, namespace, **options)
        for line in lines:
            asyncio.get_running_loop().call_later(CLOSING_SECONDS, line.cut)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> Any:
        source = source_of(environ["asgi.scope"])
        if not self._cap.enter(source):
            log.warning("socket.too_many")
            return "rate_limited"
        self._sources[eio_sid] = source
        if wire := Wire.of(environ["asgi.send"]):
            self._wires[eio_sid] = wire
        self._await_introduction(eio_sid)
        return await super()._handle_eio_connect(eio_sid, environ)

    async def handle_request(self, scope: Mapping[str, Any], receive: Any, send: Any) -> Any:
        """What is no packet at all ends its own connection, as the library leaves it, and is no trouble of ours."""
        self._note_line(scope, send)
        try:
            return await super().handle_request(scope, receive, send)
        except ValueError:
            log.info("socket.not_a_packet")

    def _note_line(self, scope: Mapping[str, Any], send: Any) -> None:
        """A client that is polling comes on ever new connections, and with a WebSocket in the end. It has one of each:
        what it leaves unread on earlier ones would pile up."""
        eio_sid = parse_qs(scope["query_string"].decode("latin-1")).get("sid", [""])[0]
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.upgraded:
            return
        if scope["type"] == "websocket":
            _replace(self._wires, eio_sid, Wire.of(send))
        elif scope["method"] == "GET":
            _replace(self._polls, eio_sid, Poll.of(send))

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        """Calls answer for their own faults; what fails here could not be read. Its words stay out of the log."""
        try:
            await super()._handle_eio_message(eio_sid, data)
        except Exception as error:
            log.warning("socket.bad_packet", why=type(error).__name__)

    async def _handle_connect(self, eio_sid: str, namespace: str, data: Any) -> None:
        """A connection may end while its client is let in. The library would tell nobody, and take him for present."""
        if not self._has_ended(eio_sid):
            await super()._handle_connect(eio_sid, namespace, data)
        if self._has_ended(eio_sid):
            await super()._handle_disconnect(eio_sid, namespace)

    def _has_ended(self, eio_sid: str) -> bool:
        socket = self.eio.sockets.get(eio_sid)
        return socket is None or socket.closing or socket.closed

    async def _handle_disconnect(self, eio_sid: str, namespace: str, reason: Any = None) -> None:
        await super()._handle_disconnect(eio_sid, namespace, reason)
        self._await_introduction(eio_sid)

    def _await_introduction(self, eio_sid: str) -> None:
        asyncio.get_running_loop().call_later(INTRODUCTION_SECONDS, self._end_unknown, eio_sid)

    def _end_unknown(self, eio_sid: str) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is not None and self.manager.sid_from_eio_sid(eio_sid, "/") is None:
            self.start_background_task(self._end, socket)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        if source := self._sources.pop(eio_sid, None):
            self._cap.leave(source)
        socket = self.eio.sockets.get(eio_sid)
        await super()._handle_eio_disconnect(eio_sid, reason)
        lines = self._lines(eio_sid)
        self._wires.pop(eio_sid, None)
        self._polls.pop(eio_sid, None)
        # A client that reads has its last packets by then; for one that does not they would wait for ever, and with
        # them whoever waits for the end of the connection.
        asyncio.get_running_loop().call_later(CLOSING_SECONDS, _cut, lines, socket)


def _cut(lines: list[Wire | Poll], socket: Any) -> None:
    for line in lines:
        line.cut()
    if socket:
        socket.queue.abandon()


def _replace[Line: (Wire, Poll)](lines: dict[str, Line], eio_sid: str, line: Line | None) -> None:
    if before := lines.pop(eio_sid, None):
        before.cut()
    if line:
        lines[eio_sid] = line


@dataclass(frozen=True)
class Bounds:
    """What one client may cost: bytes of a packet, connections of a source, calls of a connection in ten seconds."""

    packet_bytes: int
    per_source: int
    calls: int


def socket_server[Caller](
    origins: list[str] | Callable[[str], bool] | None,
    bounds: Bounds,
    who: Callable[[str], Awaitable[Caller]],
    calls: Mapping[str, Callable[[Caller, Answer], Awaitable[Answer | Encoded]]],
) -> socketio.AsyncServer:
    """A server for `calls`, name → handler(caller, data). `origins`: those that may connect, or what decides of one;
    None: only the origin the request was sent to."""
    server = SocketServer(
        bounds.per_source,
        cors_allowed_origins=origins,
        # A silent loss is noticed after 15 s; the library's own 45 s are long for somebody who waits.
        ping_interval=10,
        ping_timeout=5,
        max_http_buffer_size=bounds.packet_bytes,
    )
    rate = Limit(bounds.calls, 10)
    for name, handler in calls.items():
        server.on(name, _acknowledged(name, handler, who, rate))
    server.on("*", _unknown)
    return server


async def _unknown(event: str, _sid: str, *_data: Any) -> Answer:
    log.warning("socket.unknown_event", call=str(event)[:40])
    refusal = Refusal("unknown_event", f"there is no event {str(event)[:40]!r}; see docs/protocol.md")
    return {"ok": False, "error": refusal.as_error()}


def _acknowledged[Caller](
    name: str,
    handler: Callable[[Caller, Answer], Awaitable[Answer | Encoded]],
    who: Callable[[str], Awaitable[Caller]],
    rate: Limit,
) -> Callable[..., Awaitable[Answer | Encoded]]:
    """`handler(caller, data)` as a socket handler that answers {ok: true, …} or {ok: false, error}, always."""

    async def handle(sid: str, data: Any = None, *_more: Any) -> Answer | Encoded:
        try:
            rate.take(sid)
            if not isinstance(data, dict):
                raise Refusal("invalid_request", f"{name} takes one object, not {type(data).__name__}")
            answer = await handler(await who(sid), data)
            return answer if isinstance(answer, Encoded) else {"ok": True, **answer}
        except Refusal as refusal:
            log.info("socket.refused", call=name, code=refusal.code)
            return {"ok": False, "error": refusal.as_error()}
        except Exception:
            trouble = secrets.token_hex(4)
            log.exception("socket.failed", call=name, id=trouble)
            error = {
                "code": "internal",
                "message": f"something went wrong here; tell us {trouble}",
                "id": trouble,
            }
            return {"ok": False, "error": error}

    return handle
