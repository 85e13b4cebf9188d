"""Bodies of requests, read only as far as they may go."""

import json
from typing import Any

from fastapi import Request

from handoff_server.refusal import Refusal

MAX_BODY = 2_000_000


async def body_of(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise Refusal("too_large", f"the body is larger than {limit} bytes", limit=limit)
    return bytes(body)


async def json_of(request: Request, limit: int = MAX_BODY) -> Any:
    try:
        return json.loads(await body_of(request, limit))
    except (ValueError, RecursionError):
        raise Refusal("invalid_request", "the body is not JSON") from None
