"""A platform's webhooks as they arrive in real life: signed, repeated until they are answered 200, doubled, late and in
any order."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import aiohttp

LONGEST_PAUSE = 0.8  # seconds between two tries; Meta's own pauses grow to hours


class Webhooks:
    """Delivers bodies to `url`. `note` hears of every try. `copies` and `delay` hold for whatever is sent."""

    def __init__(self, url: str, app_secret: str, note: Callable[..., None]) -> None:
        self.url = url
        self._secret = app_secret.encode()
        self._note = note
        self.on_taken: Callable[[], None] = lambda: None
        self.on_answer: Callable[[bytes], None] = lambda _body: None
        self.copies = 1
        self.delay = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10))

    async def stop(self) -> None:
        """What is not delivered yet never will be."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def send(self, body: dict[str, Any], *, copies: int = 1, delay: float = 0, gap: float = 0.05) -> None:
        """Delivers `copies` of the body, the first after `delay` seconds, each later one after a further `gap`."""
        for copy in range(max(copies, self.copies)):
            task = asyncio.create_task(self._until_taken(body, self.delay + delay + copy * gap))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settled(self) -> None:
        """Until everything sent so far, and what that brought, has been taken."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def under_way(self) -> int:
        return len(self._tasks)

    async def post(self, body: dict[str, Any] | bytes, signature: str | None = None) -> int:
        """One try: the status of the answer, 0 when there was none. `signature` stands in for the right one."""
        assert self._session, "start() comes first"
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | self.signed(raw, signature)
        try:
            async with self._session.post(self.url, data=raw, headers=headers) as answer:
                self.on_answer(await answer.read())
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    def signed(self, raw: bytes, signature: str | None = None) -> dict[str, str]:
        return {"X-Hub-Signature-256": signature or self.sign(raw)}

    def sign(self, raw: bytes) -> str:
        return "sha256=" + hmac.new(self._secret, raw, hashlib.sha256).hexdigest()

    async def _until_taken(self, body: dict[str, Any], delay: float) -> None:
        await asyncio.sleep(delay)
        pause = 0.05
        while (status := await self.post(body)) != 200:
            self._note("webhook", status=status, body=body)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self.on_taken()
        self._note("webhook", status=200, body=body)
