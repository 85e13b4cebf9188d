"""A fake of the WhatsApp Cloud API: a real server on a port of its own, to run the real channel against.

It takes sends and keeps Meta's limits, answers with wamids, tells what became of each message by webhook, and plays a
customer's phone. What goes wrong with a request is decided by `mishap`: see `Mishap`. Everything is kept in `journal`.

    async with Graph("http://127.0.0.1:8000/webhooks/whatsapp") as graph:   # WHATSAPP_API_URL=graph.url
        graph.say("34600000001", "¿Dónde está mi pedido?")
        await graph.webhooks.settled()
        graph.received("34600000001")                                       # what the phone shows
"""

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

from tests.fakes.graph_media import KINDS, Media
from tests.fakes.webhooks import Webhooks

Body = dict[str, Any]
WINDOW_SECONDS = 24 * 60 * 60
# Meta's code → HTTP status and words. Codes are what a caller must branch on; statuses vary between versions.
ERRORS = {
    1: (400, "An unknown error occurred"),
    2: (503, "Service temporarily unavailable"),
    4: (400, "Application request limit reached"),
    100: (400, "Invalid parameter"),
    190: (401, "Invalid OAuth access token"),
    80007: (400, "Rate limit issues"),
    130429: (429, "Rate limit hit"),
    132001: (404, "Template does not exist in the translation"),
    131000: (500, "Something went wrong"),
    131009: (400, "Parameter value is not valid"),
    131016: (503, "Service unavailable"),
    131026: (400, "Message undeliverable"),
    131047: (400, "Re-engagement message"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
}


@dataclass(frozen=True)
class Mishap:
    """What goes wrong with one send: first it takes `seconds`; then, unless `code` refuses the message, it is `taken`
    or not; then the answer is given, `broken` off, or never comes (`hangs`)."""

    seconds: float = 0
    code: int | None = None
    status: int | None = None  # instead of the code's usual one
    retry_after: int | None = None
    taken: bool = True
    broken: bool = False
    hangs: bool = False
    fails_later: int | None = None  # taken, then a status webhook `failed` with this code
    news_after: float = 0  # seconds until the platform tells what became of it


SLOW = Mishap(seconds=0.5)
LOST_ACKNOWLEDGEMENT = Mishap(broken=True)
BROKEN_BEFORE = Mishap(taken=False, broken=True)
SILENT = Mishap(taken=False, hangs=True)
TAKEN_AND_SILENT = Mishap(hangs=True)


@dataclass(frozen=True)
class News:
    """How the phone's and Meta's news travel: see `Webhooks.send`."""

    copies: int = 1
    delay: float = 0
    gap: float = 0.05


class Graph:
    """The fake. Settings of the hub: WHATSAPP_API_URL = `url`, and the other four as given here."""

    def __init__(
        self,
        webhook_url: str,
        *,
        phone_number_id: str = "104000000000001",
        token: str = "graph-token",
        app_secret: str = "graph-app-secret",
    ) -> None:
        self.phone_number_id, self.token, self._app_secret = phone_number_id, token, app_secret
        self.journal: list[Body] = []
        self.on_note: Callable[[Body], None] = lambda _fact: None
        self.webhooks = Webhooks(webhook_url, app_secret, self.note)
        self.mishap: Callable[[Body], Mishap | None] = lambda _send: None
        # What is told of a message that was taken, and how each of these travels.
        self.statuses: tuple[str, ...] = ("sent", "delivered")
        self.travel: Callable[[str], News] = lambda _kind: News()
        self.url = ""
        self.media = Media(self)
        self.approved: set[str] = set()
        self._numbers = itertools.count(1)
        self._heard: dict[str, float] = {}  # customer → when the last message came

    @property
    def settings(self) -> dict[str, str]:
        given = {"phone_number_id": self.phone_number_id, "token": self.token, "app_secret": self._app_secret}
        return {
            f"whatsapp_{name}": value
            for name, value in (given | {"verify_token": "verify", "api_url": self.url}).items()
        }

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        self._runner = web.AppRunner(self.app(), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        assert site._server
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v26.0"
        await self.webhooks.start()

    def app(self) -> web.Application:
        """The API alone, for a server that has more; `url` is to be set and `webhooks` to be started besides."""
        app = web.Application(client_max_size=30_000_000)
        app.router.add_post("/{version}/{phone_number_id}/messages", self._messages)
        self.media.add_to(app)
        self._hung: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        return app

    async def stop(self) -> None:
        self._hung.cancel()
        await self.webhooks.stop()
        await self._runner.cleanup()

    def note(self, what: str, **facts: Any) -> None:
        self.journal.append({"at": time.time_ns() // 1_000_000, "what": what, **facts})
        self.on_note(self.journal[-1])

    # the customer's phone

    def say(self, customer: str, text: str, wamid: str | None = None, name: str = "Ana") -> str:
        """The customer writes; the wamid. Said again with the same wamid, it is the same message."""
        return self.incoming(customer, {"type": "text", "text": {"body": text}}, wamid, name)

    def press(self, customer: str, button_id: str, title: str, to: str, wamid: str | None = None) -> str:
        """The customer presses a button of the message `to`."""
        return self._reply(customer, "button_reply", button_id, title, to, wamid)

    def choose(self, customer: str, row_id: str, title: str, to: str) -> str:
        """The customer opens the list of the message `to` and takes a row."""
        return self._reply(customer, "list_reply", row_id, title, to, None)

    def _reply(self, customer: str, kind: str, chosen_id: str, title: str, to: str, wamid: str | None) -> str:
        reply = {"type": kind, kind: {"id": chosen_id, "title": title}}
        message = {"type": "interactive", "interactive": reply, "context": {"id": to}}
        return self.incoming(customer, message, wamid)

    def send_file(self, customer: str, kind: str, content: bytes, mime: str, **about: Any) -> str:
        """The customer sends a file: image, audio, video, document or sticker; `about`: caption, filename, voice."""
        file = {"id": self.media.keep(content, mime), "mime_type": mime, **about}
        return self.incoming(customer, {"type": kind, kind: file})

    def incoming(self, customer: str, message: Body, wamid: str | None = None, name: str = "Ana") -> str:
        """Any message of the customer, as Meta tells of it."""
        wamid = wamid or self._wamid()
        self._heard[customer] = time.time()
        told = {"from": customer, "id": wamid, "timestamp": str(int(time.time())), **message}
        contact = {"profile": {"name": name}, "wa_id": customer}
        self.note("said", customer=customer, wamid=wamid, message=message)
        self._tell("messages", {"contacts": [contact], "messages": [told]})
        return wamid

    def received(self, customer: str) -> list[Body]:
        """What the customer's phone shows of ours, oldest first."""
        return [one["body"] for one in self.journal if one["what"] == "taken" and one["body"]["to"] == customer]

    def tell_status(self, wamid: str, status: str, body: Body, code: int | None = None, after: float = 0) -> None:
        told: Body = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": body["to"]}
        if "biz_opaque_callback_data" in body:
            told["biz_opaque_callback_data"] = body["biz_opaque_callback_data"]
        if code is not None:
            told["errors"] = [{"code": code, "title": ERRORS[code][1], "message": ERRORS[code][1]}]
        self._tell(f"status:{status}", {"statuses": [told]}, after)

    def _tell(self, kind: str, told: Body, after: float = 0) -> None:
        metadata = {"display_phone_number": "15550000001", "phone_number_id": self.phone_number_id}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **told}
        changes = [{"field": "messages", "value": value}]
        body = {"object": "whatsapp_business_account", "entry": [{"id": "waba", "changes": changes}]}
        news = self.travel(kind)
        self.webhooks.send(body, copies=news.copies, delay=news.delay + after, gap=news.gap)

    # the API

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.json()
        except OSError:  # the caller was killed while it spoke
            return web.Response()
        refused = self._refusal(request, body)
        if body.get("status") == "read":
            self.note("typing", body=body)
            return _error(refused) if refused else web.json_response({"success": True})
        mishap = self.mishap(body) or Mishap()
        self.note("asked", body=body)
        await asyncio.sleep(mishap.seconds)
        code = refused or mishap.code
        if code is not None:
            self.note("refused", body=body, code=code)
            return _error(code, mishap.status, mishap.retry_after)
        wamid = self._take(body, mishap) if mishap.taken else ""
        if mishap.hangs:
            await asyncio.wait([self._hung])
        if (mishap.broken or mishap.hangs) and request.transport:  # none: the caller has gone first
            request.transport.abort()
        return web.json_response(_answer(body, wamid))

    def _take(self, body: Body, mishap: Mishap) -> str:
        """From here on the message reaches the customer, whatever the caller hears of it."""
        wamid = self._wamid()
        self.note("taken", body=body, wamid=wamid)
        if mishap.fails_later:
            self.tell_status(wamid, "failed", body, mishap.fails_later, after=mishap.news_after)
        else:
            for status in self.statuses:
                self.tell_status(wamid, status, body, after=mishap.news_after)
        return wamid

    def _refusal(self, request: web.Request, body: Body) -> int | None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return 190
        if request.match_info["phone_number_id"] != self.phone_number_id or not _well_formed(body):
            return 100
        if body.get("status") == "read":
            return None
        if body["type"] == "template":  # at any time, if it is approved
            return None if body["template"]["name"] in self.approved else 132001
        if body["type"] in KINDS and not self.media.may_send(body):
            return 131009
        if body["type"] not in KINDS and not _within_limits(body):
            return 131009
        heard = self._heard.get(body["to"])
        return 131047 if heard is None or time.time() - heard > WINDOW_SECONDS else None

    def _wamid(self) -> str:
        return f"wamid.FAKE{next(self._numbers):08d}{time.time_ns():x}"


def _well_formed(body: Body) -> bool:
    if body.get("messaging_product") != "whatsapp":
        return False
    if body.get("status") == "read":
        return isinstance(body.get("message_id"), str)
    return bool(body.get("to")) and body.get("type") in ("text", "interactive", "template", *KINDS)


def _within_limits(body: Body) -> bool:
    if body["type"] == "text":
        return 0 < len(body["text"]["body"]) <= 4096
    interactive = body["interactive"]
    text, action = interactive["body"]["text"], interactive["action"]
    if not 0 < len(text) <= 1024:
        return False
    if interactive["type"] == "button":
        return _fit([one["reply"] for one in action["buttons"]], most=3, title=20, identifier=256)
    rows = [row for section in action["sections"] for row in section["rows"]]
    short = all(len(row.get("description", "")) <= 72 for row in rows) and 0 < len(action["button"]) <= 20
    return short and _fit(rows, most=10, title=24, identifier=200)


def _fit(choices: list[Body], *, most: int, title: int, identifier: int) -> bool:
    """Meta wants titles and ids to differ from each other, too."""
    if not 0 < len(choices) <= most or len({one["id"] for one in choices}) < len(choices):
        return False
    return all(0 < len(one["title"]) <= title and 0 < len(one["id"]) <= identifier for one in choices)


def _answer(body: Body, wamid: str) -> Body:
    contacts = [{"input": body["to"], "wa_id": body["to"]}]
    return {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}


def _error(code: int, status: int | None = None, retry_after: int | None = None) -> web.Response:
    usual, message = ERRORS[code]
    error = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A1"}
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    return web.json_response({"error": error}, status=status or usual, headers=headers)
