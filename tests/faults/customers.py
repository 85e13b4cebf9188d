"""The customers of a run: widgets, that behave as docs/protocol.md §4 says, and phones on WhatsApp."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import aiohttp

from tests.fakes.whatsapp import WhatsApp
from tests.faults.journal import Journal
from tests.faults.plan import Customer, Step
from tests.faults.wire import Answer, Gone, Wire


class Widget:
    """Keeps what was typed until it is acknowledged, and sends it again after a reconnect with the same id."""

    def __init__(self, url: str, http: aiohttp.ClientSession, journal: Journal, number: int, plan: Customer) -> None:
        self.who = f"widget-{number}"
        self._url, self._http, self._journal, self._plan = url, http, journal, plan
        self._chance = random.Random(self.who)
        self._token = ""
        self.conversation_id = ""
        self.outbox: deque[Answer] = deque()
        self.seen: dict[int, Answer] = {}
        self._more = asyncio.Event()
        self._wire: Wire | None = None
        self._resumed = False
        self._since = 0  # nothing up to here is missing; an acknowledgement may be ahead of older messages
        self._connections = 0
        self.over = False
        self.on_acknowledged: Callable[[], None] = lambda: None

    async def live(self) -> None:
        while not self.over:
            try:
                await self._connection()
            except Exception as error:  # whatever it is: people try again
                if not isinstance(error, Gone):
                    self.note("trouble", error=repr(error))
                await asyncio.sleep(self._chance.uniform(0.02, 0.15))

    def do(self, step: Step) -> None:
        made = {"client_message_id": f"{self.who}-{len(self.outbox)}-{self._chance.getrandbits(40):x}"}
        if step.do == "press" and (button := self._newest_button()):
            self._write("send", {**made, "button": button})
        elif step.do == "ask_human":
            self._write("ask_human", made)
        elif step.do == "back_to_bot":
            self._write("back_to_bot", {})
        else:
            self._write("send", {**made, "text": step.text})

    def cut(self) -> None:
        if self._wire:
            self._wire.cut()

    def note(self, what: str, **facts: Any) -> None:
        self._journal.note(self.who, what, **facts)

    def _write(self, event: str, data: Answer) -> None:
        self.note("typed", event=event, **data)
        self.outbox.append({"event": event, "data": data})
        self._more.set()

    def _newest_button(self) -> str | None:
        offered = [one["buttons"] for one in self.seen.values() if one["buttons"]]
        return str(offered[-1][0]["id"]) if offered else None

    async def _connection(self) -> None:
        if not self._token:
            await self._ask_for_session()
        self._connections += 1
        wire = self._wire = Wire(self._http)
        wire.on("message", lambda one: self._saw(one, "live"))
        try:
            await wire.connect(self._url, "/widget/socket.io", {"Origin": self._url}, {"token": self._token})
            self._resumed = False
            answer = await self._call(wire, "resume", {"since": self._since})
            for one in answer["messages"]:
                self._saw(one, "resume")
                self._since = max(self._since, one["id"])
            self._resumed = True
            await self._talk(wire)
        finally:
            await wire.close()

    async def _ask_for_session(self) -> None:
        asked = {"key": "demo", "language": self._plan.language}
        timeout = aiohttp.ClientTimeout(8)
        url = f"{self._url}/widget/v1/sessions"
        async with self._http.post(url, json=asked, headers={"Origin": self._url}, timeout=timeout) as answer:
            if answer.status != 201:
                raise Gone("session")
            session = await answer.json()
        self._token, self.conversation_id = session["token"], session["conversation_id"]
        self.note("session", conversation_id=self.conversation_id)

    async def _talk(self, wire: Wire) -> None:
        while wire.open and not self.over:
            if not self.outbox:
                self._more.clear()
                waiting = asyncio.create_task(self._more.wait())
                leaving = asyncio.create_task(wire.gone(1))
                await asyncio.wait({waiting, leaving}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                leaving.cancel()
                continue
            await self._send(wire, self.outbox[0])

    async def _send(self, wire: Wire, one: Answer) -> None:
        try:
            answer = await self._call(wire, one["event"], one["data"])
        except Refused as refused:
            if refused.later:
                await asyncio.sleep(refused.later)
                return
            self.note("refused", **one["data"], event=one["event"], code=refused.code)
            self.outbox.popleft()
            return
        self.outbox.popleft()
        message = answer.get("message")
        told = {"message_id": message["id"]} if message else {}
        self.note("acknowledged", event=one["event"], **one["data"], **told)
        if message:
            self._saw(message, "answer")

    async def _call(self, wire: Wire, event: str, data: Answer) -> Answer:
        answer = await wire.call(event, data)
        if answer.get("ok"):
            self.on_acknowledged()
            return answer
        raise Refused(answer["error"])

    def _saw(self, one: Answer, by: str) -> None:
        new = one["id"] not in self.seen
        self.seen[one["id"]] = one
        ordered = by == "live" and self._resumed
        if ordered:
            self._since = max(self._since, one["id"])
        if not new:
            return
        kept = {name: one[name] for name in ("id", "author", "text", "client_message_id")}
        self.note("saw", conversation_id=self.conversation_id, ordered=ordered, connection=self._connections, **kept)


class Refused(Gone):
    """The hub said no. `later`: seconds after which it may say yes; its own trouble is one such reason."""

    def __init__(self, error: Answer) -> None:
        super().__init__(error["code"])
        self.code: str = error["code"]
        waits = {"internal": 0.2, "overloaded": 0.3, "rate_limited": 1.0}
        self.later = min(waits[self.code], error.get("retry_after") or 9) if self.code in waits else 0.0


class Phone:
    """A customer on WhatsApp. Meta keeps what was written and repeats it until the hub takes it."""

    def __init__(self, whatsapp: WhatsApp, number: int, plan: Customer, seed: int) -> None:
        self.customer = f"34{seed % 100_000:05d}{number:04d}"
        self._whatsapp, self._plan = whatsapp, plan

    def do(self, step: Step) -> None:
        offered = [one for one in self._whatsapp.phone(self.customer) if one.choices]
        if step.do == "press" and offered and not offered[-1].opener:
            self._whatsapp.take(self.customer, offered[-1].choices[0])
        else:
            self._whatsapp.say(self.customer, step.text)
