"""One POST to a platform's API, with time-outs, and what its failure means for the message."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from handoff_server.channels.channel import SendFailed

TIMEOUT = httpx.Timeout(10, connect=5, pool=5)
LONGEST_SECONDS = 20
_TEMPORARY_STATUS = (429, 503)
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def client(base_url: str, token: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(base_url=base_url, headers=headers, timeout=TIMEOUT, limits=limits)


async def post(
    http: httpx.AsyncClient, path: str, body: Mapping[str, Any], read_error: Callable[[Any], SendFailed | None]
) -> Any:
    """The JSON of a 2xx answer. `read_error` makes the platform's own error codes out of the JSON of any other."""
    try:
        async with asyncio.timeout(LONGEST_SECONDS):  # httpx counts each read for itself
            answer = await http.post(path, json=body)
    except _NEVER_LEFT as error:
        raise SendFailed(f"unreachable:{type(error).__name__}", "temporary") from None
    except (TimeoutError, httpx.HTTPError) as error:
        raise SendFailed(f"unclear:{type(error).__name__}", "unclear") from None
    told = _json(answer)
    if answer.is_success:
        return told
    retry_after = _seconds(answer.headers.get("Retry-After"))
    if answer.status_code in _TEMPORARY_STATUS:
        raise SendFailed(f"status:{answer.status_code}", "temporary", retry_after)
    if failure := read_error(told):
        raise failure
    kind: Any = "unclear" if answer.status_code >= 500 else "permanent"
    raise SendFailed(f"status:{answer.status_code}", kind)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
