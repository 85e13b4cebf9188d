"""A platform's webhooks as they arrive in real life: signed, repeated until they are answered 200, doubled, late and in
any order."""

import asyncio
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.fakes.faults import Travel

LONGEST_PAUSE = 0.8  # seconds between two tries; Meta's own pauses grow to hours
MOST_UNDER_WAY = 1_000  # the oldest is given up then, as platforms do after some days


class Webhooks:
    """Delivers bodies to `url`, signed in `header`. `note` hears of every try, `on_answer` of every answer."""

    def __init__(
        self, header: str, sign: Callable[[bytes], str], note: Callable[..., None], form: bool = False
    ) -> None:
        self.url = ""
        self._header, self.sign, self._note, self._form = header, sign, note, form
        self.on_taken: Callable[[], None] = lambda: None
        self.on_answer: Callable[[bytes], None] = lambda _body: None
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._chance = random.Random("webhooks")
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

    def send(self, body: dict[str, Any], travel: Travel, about: str) -> None:
        """`about` is for the notes."""
        for copy in range(travel.copies):
            later = self._chance.uniform(0, travel.spread)
            task = asyncio.create_task(self._until_taken(body, about, travel.delay + copy * travel.gap + later))
            self._tasks[task] = None
            task.add_done_callback(lambda done: self._tasks.pop(done, None))
        for task in [*self._tasks][:-MOST_UNDER_WAY]:
            task.cancel()

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
        raw = body if isinstance(body, bytes) else (urlencode(body) if self._form else json.dumps(body)).encode()
        kind = "application/x-www-form-urlencoded" if self._form else "application/json"
        headers = {"Content-Type": kind, self._header: self.sign(raw) if signature is None else signature}
        try:
            async with self._session.post(self.url, data=raw, headers=headers) as answer:
                self.on_answer(await answer.read())
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def fetch(self, url: str) -> tuple[bytes, str] | None:
        """A file of the hub's, as platforms fetch it that take an address only: content and type."""
        assert self._session, "start() comes first"
        try:
            async with self._session.get(url) as answer:
                return (await answer.read(), answer.content_type) if answer.status == 200 else None
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None

    async def _until_taken(self, body: dict[str, Any], about: str, delay: float) -> None:
        await asyncio.sleep(delay)
        pause = 0.05
        while (status := await self.post(body)) != 200:
            self._note("webhook", status=status, body=body, about=about)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self.on_taken()
        self._note("webhook", status=200, body=body, about=about)
