"""A Socket.IO server of ours: every call is answered, also one that fails or that nobody knows.

(python-socketio sends no acknowledgement when a handler raises.)
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import socketio
import structlog

from handoff_server.refusal import Refusal

log = structlog.get_logger()
Answer = dict[str, Any]


def socket_server[Caller](
    origins: list[str] | None,
    most_bytes: int,
    who: Callable[[str], Awaitable[Caller]],
    calls: Mapping[str, Callable[[Caller, Answer], Awaitable[Answer]]],
) -> socketio.AsyncServer:
    """A server for `calls`, name → handler(caller, data). `origins` None: only the origin the request was sent to."""
    server = socketio.AsyncServer(
        async_mode="asgi",
        cors_allowed_origins=origins,
        # A silent loss is noticed after 15 s; the library's own 45 s are long for somebody who waits.
        ping_interval=10,
        ping_timeout=5,
        max_http_buffer_size=most_bytes,
    )
    for name, handler in calls.items():
        server.on(name, _acknowledged(name, handler, who))
    server.on("*", _unknown)
    return server


async def _unknown(event: str, _sid: str, *_data: Any) -> Answer:
    log.warning("socket.unknown_event", call=str(event)[:40])
    refusal = Refusal("unknown_event", f"there is no event {str(event)[:40]!r}; see docs/protocol.md")
    return {"ok": False, "error": refusal.as_error()}


def _acknowledged[Caller](
    name: str,
    handler: Callable[[Caller, Answer], Awaitable[Answer]],
    who: Callable[[str], Awaitable[Caller]],
) -> Callable[..., Awaitable[Answer]]:
    """`handler(caller, data)` as a socket handler that answers {ok: true, …} or {ok: false, error}, always."""

    async def handle(sid: str, data: Any = None, *_more: Any) -> Answer:
        try:
            if not isinstance(data, dict):
                raise Refusal("invalid_request", f"{name} takes one object, not {type(data).__name__}")
            return {"ok": True, **await handler(await who(sid), data)}
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
