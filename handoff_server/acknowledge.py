"""A socket call is always answered. (python-socketio sends no acknowledgement when a handler raises.)"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from handoff_server.refusal import Refusal

log = structlog.get_logger()
Answer = dict[str, Any]


def acknowledged[Caller](
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
