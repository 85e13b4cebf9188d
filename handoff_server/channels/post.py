"""Calls to a platform's API, with time-outs, and what their failure means for the message or the file."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp

from handoff_server.channels.channel import FetchFailed, SendFailed
from handoff_server.channels.finding import Reply

# `connect` counts the wait for a free connection too.
TIMEOUT = aiohttp.ClientTimeout(total=20, connect=5, sock_connect=5, sock_read=10)
FILE_TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5, sock_connect=5, sock_read=15)
MAX_CONNECTIONS = 64
MAX_TOLD = 100_000  # bytes of an answer that tells of a file
PART = 65_536
_TEMPORARY_STATUS = (429, 503)
_NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class Api:
    """A platform's API behind `base_url`. Files may lie on `hosts` (and below them) besides; nobody else is asked."""

    def __init__(
        self,
        base_url: str,
        token: str,
        read_error: Callable[[Any], SendFailed | None],
        hosts: tuple[str, ...] = (),
        scheme: str = "Bearer",
    ) -> None:
        """`read_error` makes the platform's own error codes out of the JSON of an answer that is not 2xx."""
        self._base_url = base_url
        self._signed = {"Authorization": f"{scheme} {token}"} if token else {}
        self._read_error = read_error
        self._hosts = hosts
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of a 2xx answer. Raises SendFailed."""
        return await self._post(path, TIMEOUT, json=body)

    async def post_form(self, path: str, form: aiohttp.FormData) -> Any:
        """As `post`, for a form, perhaps with a file in it."""
        return await self._post(path, FILE_TIMEOUT, data=form)

    async def upload(self, path: str, form: aiohttp.FormData) -> Any:
        """As `post`, for a file that is not sent to anybody yet: what is unclear may be tried again."""
        try:
            return await self._post(path, FILE_TIMEOUT, data=form)
        except SendFailed as failure:
            kind = "temporary" if failure.kind == "unclear" else failure.kind
            raise SendFailed(failure.why, kind, failure.retry_after) from None

    async def get(self, path: str) -> Any:
        """The JSON that the platform tells of a file. Raises FetchFailed."""
        return _json(b"".join([part async for part in self._parts(self._base_url + path, MAX_TOLD, TIMEOUT, True)]))

    async def ask(self, path: str) -> Reply:
        """What the platform tells an examination. Never raises: what it does not answer is an answer too."""
        try:
            async with self._open().get(
                self._base_url + path, headers=self._signed, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                told = _json(await answer.content.read(MAX_TOLD))
                return Reply(answer.status, told, _moment(answer.headers.get("Date")))
        except (TimeoutError, aiohttp.ClientError) as error:
            return Reply(0, None, why=type(error).__name__)

    def download(self, url: str, most: int, signed: bool = True) -> AsyncIterator[bytes]:
        """The bytes behind an address that the platform gave, at most `most`; `signed` with the token of the API.
        Raises FetchFailed."""
        if not self._may_ask(url):
            raise FetchFailed("foreign_host", "permanent")
        return self._parts(url, most, FILE_TIMEOUT, signed)

    def _may_ask(self, url: str) -> bool:
        """An address comes with a message: it must not make us knock at doors of our own network."""
        try:
            asked, ours = urlsplit(url), urlsplit(self._base_url)
            if (asked.scheme, asked.hostname, asked.port) == (ours.scheme, ours.hostname, ours.port):
                return asked.username is None
            host = f".{asked.hostname}"
            safe = asked.scheme == "https" and asked.port in (None, 443) and asked.username is None
        except ValueError:
            return False
        return safe and any(host.endswith(f".{one}") for one in self._hosts)

    async def _post(self, path: str, limit: aiohttp.ClientTimeout, **body: Any) -> Any:
        call = self._open().post(
            self._base_url + path, headers=self._signed, timeout=limit, allow_redirects=False, **body
        )
        try:
            async with call as answer:
                told = _json(await answer.read())
        except _NEVER_LEFT as error:
            raise SendFailed(f"unreachable:{type(error).__name__}", "temporary") from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise SendFailed(f"unclear:{type(error).__name__}", "unclear") from None
        if 200 <= answer.status < 300:
            return told
        raise self._failure(answer, told)

    async def _parts(self, url: str, most: int, limit: aiohttp.ClientTimeout, signed: bool) -> AsyncIterator[bytes]:
        headers = self._signed if signed else {}
        read = 0
        try:
            async with self._open().get(url, headers=headers, timeout=limit, allow_redirects=False) as answer:
                if answer.status != 200:
                    again = answer.status >= 500 or answer.status in _TEMPORARY_STATUS
                    raise FetchFailed(f"status:{answer.status}", "temporary" if again else "permanent")
                if (answer.content_length or 0) > most:
                    raise FetchFailed("media_too_large", "refused")
                async for part in answer.content.iter_chunked(PART):
                    read += len(part)
                    if read > most:  # whatever its header said
                        raise FetchFailed("media_too_large", "refused")
                    yield part
        except (TimeoutError, aiohttp.ClientError) as error:
            raise FetchFailed(f"broken:{type(error).__name__}", "temporary") from None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """It belongs to the event loop that it was made in."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
            # Looking for a proxy costs a millisecond a call, so it is done only where there is one.
            proxies = bool(getproxies())
            self._session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT, trust_env=proxies)
        return self._session

    def _failure(self, answer: aiohttp.ClientResponse, told: Any) -> SendFailed:
        wait = _seconds(answer.headers.get("Retry-After"))
        if failure := self._read_error(told):
            return SendFailed(failure.why, failure.kind, failure.retry_after or wait)
        if answer.status in _TEMPORARY_STATUS:
            return SendFailed(f"status:{answer.status}", "temporary", wait)
        return SendFailed(f"status:{answer.status}", "unclear" if answer.status >= 500 else "permanent")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _moment(date: str | None) -> int | None:
    try:
        return int(parsedate_to_datetime(date or "").timestamp() * 1000)
    except ValueError:
        return None


def _seconds(value: str | None) -> float | None:
    return float(value) if value and value.isascii() and value.isdigit() else None
