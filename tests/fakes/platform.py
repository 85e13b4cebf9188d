"""What the fakes of all platforms are: an API with limits, webhooks, and the phones of customers. Each platform is a
file beside, with its own doors and words."""

import asyncio
import itertools
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web
from aiohttp.typedefs import Handler

from tests.fakes.faults import Body, Faults, Mishap
from tests.fakes.files import Files
from tests.fakes.webhooks import Webhooks

MOST_FACTS = 10_000
MOST_CUSTOMERS = 10_000
DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Choice:
    """A button or a row of the message `of`. `kind` is the platform's word."""

    id: str
    title: str
    of: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Shown:
    """What a phone shows of one message of ours. `opener` is what opens the choices, where they are a list. `way`:
    template or human_agent, where the time for answers was over."""

    id: str
    text: str
    choices: tuple[Choice, ...] = ()
    opener: str = ""
    file_id: str = ""
    file_kind: str = ""
    way: str = ""


class Platform(ABC):
    """`can`: what the app tells a company of, out of edit, delete, react and read. `codes`: the platform's error → HTTP
    status and words; with `unknown` nobody knows whether a message was taken, `later` it surely was not. `typing_s`:
    how long a sign of typing stays. `choices_stay`: they can be pressed once more after an answer."""

    channel: ClassVar[str]
    base: ClassVar[str] = ""  # of every address of the API
    can: ClassVar[tuple[str, ...]] = ()
    typing_s: ClassVar[float] = 20
    choices_stay: ClassVar[bool] = True
    codes: ClassVar[dict[int, tuple[int, str]]]
    unknown: ClassVar[int]
    later: ClassVar[int]

    def __init__(self, header: str, sign: Callable[[bytes], str], form: bool = False) -> None:
        self.url = ""
        self.faults = Faults()
        self.files = Files()
        self.journal: deque[Body] = deque(maxlen=MOST_FACTS)
        self.on_note: Callable[[Body], None] = lambda _fact: None
        self.webhooks = Webhooks(header, sign, self.note, form)
        self.name, self.language = "Ana", "es"  # of whoever writes
        self._numbers = itertools.count(int(time.time()))  # not again after a new start
        self._heard: dict[str, float] = {}  # customer → when the last message came

    @property
    @abstractmethod
    def settings(self) -> dict[str, str]:
        """Of the hub, for this platform."""

    async def start(self, origin: str) -> None:
        self.url = f"{origin}/{self.channel}{self.base}"
        self._hung: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self.webhooks.start()

    async def stop(self) -> None:
        self._hung.cancel()
        await self.webhooks.stop()

    def app(self) -> web.Application:
        @web.middleware
        async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self.faults.down:
                return await handler(request)
            self.note("unavailable", path=request.path)
            return self._error(0, Mishap(status=503))

        app = web.Application(middlewares=[front])
        app.router.add_get(f"{self.base}/files/{{id}}", self._download)
        self._open_doors(app.router)
        return app

    def note(self, what: str, **facts: Any) -> None:
        self.journal.append({"at": time.time_ns() // 1_000_000, "what": what, **facts})
        self.on_note(self.journal[-1])

    # the customer's phone

    @abstractmethod
    def new_customer(self) -> str:
        """An id as the platform gives to customers."""

    @abstractmethod
    def say(self, customer: str, text: str) -> str:
        """The id of the message, as of all that follow."""

    @abstractmethod
    def take(self, customer: str, choice: Choice) -> str | None:
        """None: what was pressed is no message on this platform."""

    @abstractmethod
    def send_file(self, customer: str, kind: str, file_id: str, caption: str = "") -> str:
        """`kind`: image, voice, audio, video, document or sticker; of a file that is kept."""

    @abstractmethod
    def send_place(self, customer: str, latitude: float, longitude: float) -> str: ...

    def edit(self, customer: str, message_id: str, text: str) -> None:
        raise NotImplementedError(f"{self.channel} tells nobody of corrections")

    def delete(self, customer: str, message_id: str) -> None:
        raise NotImplementedError(f"{self.channel} tells nobody of deletions")

    def react(self, customer: str, message_id: str, emoji: str) -> None:
        """To a message of either side; without an emoji it is taken back."""
        raise NotImplementedError(f"{self.channel} tells nobody of reactions")

    def read(self, customer: str) -> None:
        """The customer has seen what is shown."""
        raise NotImplementedError(f"{self.channel} tells nobody what was read")

    def press(self, customer: str, title: str) -> None:
        """The newest choice with this title."""
        found = [choice for one in self.phone(customer) for choice in one.choices if choice.title == title]
        self.take(customer, found[-1])

    def phone(self, customer: str) -> list[Shown]:
        """Oldest first."""
        return [self.show(one) for one in self._taken(customer)]

    def shown(self, customer: str) -> list[str]:
        return [one.text for one in self.phone(customer)]

    def pictures(self, customer: str) -> int:
        return sum(one.file_kind == "image" for one in self.phone(customer))

    def received(self, customer: str) -> list[Body]:
        """The sends that reached the customer."""
        return [one["body"] for one in self._taken(customer)]

    @abstractmethod
    def show(self, taken: Body) -> Shown:
        """What the phone makes of a note of something `taken`."""

    def _taken(self, customer: str) -> list[Body]:
        return [one for one in [*self.journal] if one["what"] == "taken" and one["to"] == customer]

    def _now(self) -> float:
        return time.time() - self.faults.aged

    def _hears(self, customer: str) -> None:
        self._heard[customer] = self._now()
        if len(self._heard) > MOST_CUSTOMERS:
            del self._heard[next(iter(self._heard))]

    def _silence(self, customer: str) -> float:
        """Seconds since the customer's last message."""
        return time.time() - self._heard.get(customer, 0) + self.faults.aged

    def _deliver(self, kind: str, body: Body, after: float = 0, about: str = "") -> None:
        """`about`: the customer's message that this tells of."""
        self.webhooks.send(body, self.faults.travel(kind).later(after), about)

    # the API

    @abstractmethod
    def _open_doors(self, router: web.UrlDispatcher) -> None: ...

    @abstractmethod
    async def _read(self, request: web.Request) -> Body:
        """A call, with its files kept and named by their ids."""

    def _aside(self, _request: web.Request, _body: Body) -> web.Response | None:
        """The answer to what shows the customer no message: a sign of typing, a menu."""
        return None

    @abstractmethod
    async def _refusal(self, request: web.Request, body: Body) -> int | None:
        """The code with which the platform does not take this, by its own rules."""

    @abstractmethod
    def _take(self, body: Body, mishap: Mishap) -> Body:
        """From here on the message reaches the customer, whatever the caller hears of it. The answer."""

    @abstractmethod
    def _wrong(self, code: int, words: str, mishap: Mishap) -> Body:
        """An error in the platform's words."""

    async def _send(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await self._read(request)
        except OSError:  # the caller was killed while it spoke
            return web.Response()
        if (answer := self._aside(request, body)) is not None:
            return answer
        mishap = self.faults.mishap(body) or Mishap()
        self.note("asked", body=body)
        await asyncio.sleep(mishap.seconds)
        code = await self._refusal(request, body) or mishap.code
        if code is not None:
            self.note("refused", body=body, code=code)
            return self._error(code, mishap)
        told = self._take(body, mishap) if mishap.taken else {}
        if mishap.hangs:
            await asyncio.wait([self._hung])
        if (mishap.broken or mishap.hangs) and request.transport:  # none: the caller has gone first
            request.transport.abort()
        return self._error(self.unknown, mishap) if mishap.status else web.json_response(told)

    def _error(self, code: int, mishap: Mishap) -> web.Response:
        usual, words = self.codes.get(code, (400, "Refused"))
        headers = {} if mishap.retry_after is None else {"Retry-After": str(mishap.retry_after)}
        told = self._wrong(code, words, mishap)
        return web.json_response(told, status=mishap.status or usual, headers=headers)

    def _may_fetch(self, _request: web.Request) -> bool:
        return True

    async def _download(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["id"]
        self.note("download", file_id=file_id)
        if not self._may_fetch(request):
            return web.Response(status=401)
        return await self.files.give(file_id, request)
