"""A customer's phone with WhatsApp: the fake platform in a thread of its own, beside the browser tests."""

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import Any

from tests.fakes.graph import Graph


class Phone:
    """One customer at a time. `settings` make the product use this platform."""

    def __init__(self, hub_url: str) -> None:
        self._customers = 0
        self.number = ""
        self.changes_hands()
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

    def changes_hands(self) -> None:
        """Another customer, to whom nobody has said anything yet."""
        self._customers += 1
        self.number = f"57300111{2000 + self._customers}"

    def say(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._graph.say, self.number, text)

    def shows(self) -> list[str]:
        return [one["text"]["body"] for one in list(self._graph.received(self.number)) if one["type"] == "text"]

    def hears(self, text: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not any(text in one for one in self.shows()):
            assert time.monotonic() < until, f"{text!r} did not come; the phone shows {self.shows()}"
            time.sleep(0.05)

    def is_asked(self, text: str, seconds: float = 20) -> list[str]:
        """Waits for a question with choices; their titles."""
        return [choice["title"] for choice in self._choices(text, seconds)]

    def chooses(self, text: str, title: str) -> None:
        """One of the choices of the question that has this text."""
        chosen = next(one for one in self._choices(text, 20) if one["title"] == title)
        press = self._graph.choose if "list" in chosen["kind"] else self._graph.press
        self._loop.call_soon_threadsafe(press, self.number, chosen["id"], title, "wamid.x")

    def _choices(self, text: str, seconds: float) -> list[dict[str, str]]:
        until = time.monotonic() + seconds
        while True:
            shown = [one["interactive"] for one in list(self._graph.received(self.number)) if "interactive" in one]
            if asked := next((one for one in reversed(shown) if text in one["body"]["text"]), None):
                break
            assert time.monotonic() < until, f"{text!r} was not asked; the phone asks {shown} and shows {self.shows()}"
            time.sleep(0.05)
        action, kind = asked["action"], asked["type"]
        found = action["sections"][0]["rows"] if kind == "list" else [one["reply"] for one in action["buttons"]]
        return [{**one, "kind": kind} for one in found]

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
