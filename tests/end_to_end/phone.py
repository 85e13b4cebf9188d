"""A customer's phone with WhatsApp: the fake platform in a thread of its own, beside the browser tests."""

import asyncio
import threading
import time
from concurrent.futures import Future
from typing import Any

from pages import CASE

from tests.fakes.platform import Choice
from tests.fakes.server import Server
from tests.fakes.whatsapp import WhatsApp


class Phone:
    """One customer at a time. `settings` make the product use this platform."""

    def __init__(self, hub_url: str) -> None:
        self._customers = 0
        self.number = ""
        self.changes_hands()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._whatsapp = WhatsApp()
        self._whatsapp.webhooks.url = f"{hub_url}/webhooks/whatsapp"
        self._server = Server(self._whatsapp)
        self._do(self._server.start())

    @property
    def settings(self) -> dict[str, str]:
        return {name.upper(): value for name, value in self._whatsapp.settings.items()}

    def changes_hands(self) -> None:
        """Another customer, to whom nobody has said anything yet."""
        self._customers += 1
        self.number = f"57300111{2000 + self._customers}"

    def say(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._whatsapp.say, self.number, text)

    def shows(self) -> list[str]:
        return [one["text"]["body"] for one in self._whatsapp.received(self.number) if one["type"] == "text"]

    def hears(self, text: str, seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not any(text in one for one in self.shows()):
            assert time.monotonic() < until, f"{text!r} did not come; the phone shows {self.shows()}"
            time.sleep(0.05)

    @property
    def case(self) -> str:
        """The number told last."""
        return CASE.findall("\n".join(self.shows()))[-1]

    def says_case(self) -> str:
        """What no other row of the queue ends with."""
        case = self.case
        self.say(case)
        return case

    def is_asked(self, text: str, seconds: float = 20) -> list[str]:
        """Waits for a question with choices; their titles."""
        return [choice.title for choice in self._choices(text, seconds)]

    def chooses(self, text: str, title: str) -> None:
        """One of the choices of the question that has this text."""
        chosen = next(one for one in self._choices(text, 20) if one.title == title)
        self._loop.call_soon_threadsafe(self._whatsapp.take, self.number, chosen)

    def _choices(self, text: str, seconds: float) -> tuple[Choice, ...]:
        until = time.monotonic() + seconds
        while True:
            shown = [one for one in self._whatsapp.phone(self.number) if one.choices]
            if asked := next((one for one in reversed(shown) if text in one.text), None):
                return asked.choices
            assert time.monotonic() < until, f"{text!r} was not asked; the phone asks {shown} and shows {self.shows()}"
            time.sleep(0.05)

    def stop(self) -> None:
        self._do(self._server.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, coroutine: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        return future.result(20)
