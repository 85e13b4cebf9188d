"""Bodies of requests, read only as far as they may go, and the one shape in which a request is refused."""

import json
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse

from handoff_server.contract.plain import what_is_wrong
from handoff_server.refusal import Refusal

log = structlog.get_logger()
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
        told = json.loads(await body_of(request, limit))
    except (ValueError, RecursionError):
        raise Refusal("invalid_request", "the body is not JSON") from None
    if wrong := what_is_wrong(told):
        raise Refusal("invalid_request", f"the body is not what we keep: {wrong}")
    return told


def answer_refused(request: Request, refusal: Refusal) -> JSONResponse:
    log.info("http.refused", path=request.scope["path"], code=refusal.code)
    retry = refusal.details.get("retry_after")
    headers = {"Retry-After": str(retry)} if retry else None
    return JSONResponse({"error": refusal.as_error()}, refusal.status, headers)


def text_in(body: Any, name: str, most: int = 300) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not 0 < len(value) <= most or what_is_wrong(value):
        raise Refusal("invalid_request", f"{name} must be a text of 1 to {most} characters")
    return value


def body_of_texts(*names: str) -> dict[str, Any]:
    """What the OpenAPI page shows of a body of texts."""
    fields = {name: {"type": "string"} for name in names}
    shape = {"type": "object", "required": list(fields), "properties": fields}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}
