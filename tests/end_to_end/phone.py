"""A customer's phone with WhatsApp: the fake platform in a thread of its own, beside the browser tests."""

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import Any

from tests.fakes.graph import Graph


class Phone:
    """One customer. `settings` make the product use this platform."""

    number = "573001112233"

    def __init__(self, hub_url: str) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._graph = self._do(self._start(hub_url))

    @property
    def settings(self) -> dict[str, str]:
        return {
            "WHATSAPP_PHONE_NUMBER_ID": self._graph.phone_number_id,
            "WHATSAPP_TOKEN": self._graph.token,
            "WHATSAPP_APP_SECRET": "graph-app-secret",
            "WHATSAPP_VERIFY_TOKEN": "verify",
            "WHATSAPP_API_URL": self._graph.url,
        }

    def say(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._graph.say, self.number, text)

    def shows(self) -> list[str]:
        return [one["text"]["body"] for one in list(self._graph.received(self.number)) if one["type"] == "text"]

    def hears(self, text: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not any(text in one for one in self.shows()):
            assert time.monotonic() < until, f"{text!r} did not come; the phone shows {self.shows()}"
            time.sleep(0.05)

    def stop(self) -> None:
        self._do(self._graph.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, coroutine: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(20)

    @staticmethod
    async def _start(hub_url: str) -> Graph:
        graph = Graph(f"{hub_url}/webhooks/whatsapp")
        await graph.start()
        return graph
