"""One POST to a platform's API, with time-outs, and what its failure means for the message."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import getproxies

import aiohttp

from handoff_server.channels.channel import SendFailed

# `connect` counts the wait for a free connection too.
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5, sock_connect=5, sock_read=10)
MAX_CONNECTIONS = 64
_TEMPORARY_STATUS = (429, 503)
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Api:
    """A platform's API behind `base_url`."""

    def __init__(self, base_url: str, token: str, read_error: Callable[[Any], SendFailed | None]) -> None:
        """`read_error` makes the platform's own error codes out of the JSON of an answer that is not 2xx."""
        self._base_url = base_url
        self._token = token
        self._read_error = read_error
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a 2xx answer. Raises SendFailed."""
        try:
            async with self._open().post(self._base_url + path, json=body, allow_redirects=False) as answer:
                told = _json(await answer.read())
        except _NEVER_LEFT as error:
            raise SendFailed(f"unreachable:{type(error).__name__}", "temporary") from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise SendFailed(f"unclear:{type(error).__name__}", "unclear") from None
        if 200 <= answer.status < 300:
            return told
        raise self._failure(answer, told)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """It belongs to the event loop that it was made in."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
            headers = {"Authorization": f"Bearer {self._token}"}
            # Looking for a proxy costs a millisecond a call, so it is done only where there is one.
            proxies = bool(getproxies())
            self._session = aiohttp.ClientSession(
                connector=connector, headers=headers, timeout=TIMEOUT, trust_env=proxies
            )
        return self._session

    def _failure(self, answer: aiohttp.ClientResponse, told: Any) -> SendFailed:
        if answer.status in _TEMPORARY_STATUS:
            return SendFailed(f"status:{answer.status}", "temporary", _seconds(answer.headers.get("Retry-After")))
        if failure := self._read_error(told):
            return failure
        return SendFailed(f"status:{answer.status}", "unclear" if answer.status >= 500 else "permanent")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
