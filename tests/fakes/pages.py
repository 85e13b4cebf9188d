"""A fake of Messenger's and Instagram's Send API and of their customers' phones: a real server that keeps Meta's
limits, echoes what a page says as Meta does, and tells by watermarks what was read.

What goes wrong with a send is decided by `mishap`: Meta's error code, or None.
"""

import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.fakes.upload import Upload
from tests.fakes.webhooks import Webhooks

Body = dict[str, Any]
ACCOUNT = "105000000000001"
LIMITS = {"messenger": 2000, "instagram": 1000}
DAY_SECONDS = 24 * 60 * 60


class Pages:
    """`channel` is messenger or instagram. Settings of the hub: `settings`."""

    def __init__(
        self, channel: str, *, account: str = ACCOUNT, token: str = "page-token", app_secret: str = "page-secret"
    ) -> None:
        self.channel = channel
        self._account, self._token, self._app_secret = account, token, app_secret
        self.journal: list[Body] = []
        self.on_note: Callable[[Body], None] = lambda _fact: None
        self.webhooks = Webhooks("", app_secret, self.note)
        self.mishap: Callable[[Body], int | None] = lambda _body: None
        self.copies = 1
        self._numbers = itertools.count(1)
        self._heard: dict[str, float] = {}

    @property
    def settings(self) -> dict[str, str]:
        account = "messenger_page_id" if self.channel == "messenger" else "instagram_account_id"
        given = {
            "token": self._token,
            "app_secret": self._app_secret,
            "verify_token": "verify",
            "api_url": self.url,
        }
        return {account: self._account, **{f"{self.channel}_{name}": value for name, value in given.items()}}

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.app(), shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        await self.webhooks.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.webhooks.stop()
        await self._runner.cleanup()

    def app(self) -> web.Application:
        """The API alone, for a server that has more; `webhooks` are to be started besides."""
        app = web.Application(client_max_size=30_000_000)
        app.router.add_post(f"/{self._account}/messages", self._messages)
        return app

    def note(self, what: str, **facts: Any) -> None:
        self.journal.append({"what": what, **facts})
        self.on_note(self.journal[-1])

    # the customer's phone

    def say(self, customer: str, text: str, **more: Any) -> str:
        """The id of the message."""
        mid = self.new_mid()
        self.event(customer, {"message": {"mid": mid, "text": text, **more}})
        return mid

    def press(self, customer: str, title: str) -> None:
        replies = [reply for one in self._to(customer) for reply in one["message"].get("quick_replies", [])]
        reply = next(one for one in reversed(replies) if one["title"] == title)
        self.say(customer, title, quick_reply={"payload": reply["payload"]})

    def read_all(self, customer: str) -> None:
        self.event(customer, {"read": {"watermark": time.time_ns() // 1_000_000 + 1}}, heard=False)

    def event(self, customer: str, told: Body, heard: bool = True, where: str = "messaging") -> None:
        if heard:
            self._heard[customer] = time.time()
        sides = {"sender": {"id": customer}, "recipient": {"id": self._account}}
        self._deliver({**sides, "timestamp": time.time_ns() // 1_000_000, **told}, where)

    def shown(self, customer: str) -> list[str]:
        return [str(one["message"].get("text", "")) for one in self._to(customer)]

    def pictures(self, customer: str) -> int:
        return sum(one["message"].get("attachment", {}).get("type") == "image" for one in self._to(customer))

    def _to(self, customer: str) -> list[Body]:
        return [one["body"] for one in self.journal if one["what"] == "taken" and one["to"] == customer]

    def _deliver(self, event: Body, where: str = "messaging") -> None:
        entry = {"id": self._account, "time": time.time_ns() // 1_000_000, where: [event]}
        told = {"object": "page" if self.channel == "messenger" else "instagram", "entry": [entry]}
        self.webhooks.send(told, copies=self.copies)

    # the API

    async def _messages(self, request: web.Request) -> web.Response:
        body = await _read(request)
        to = str(body["recipient"].get("id"))
        if "sender_action" in body:
            self.note("typing", to=to, action=body["sender_action"])
            return web.json_response({"recipient_id": to})
        if code := self._refusal(request, body, to):
            self.note("refused", code=code, body=body)
            status = {190: 401, 1: 500}.get(code, 400)
            return web.json_response({"error": {"code": code, "message": "refused"}}, status=status)
        mid = self.new_mid()
        self.note("taken", to=to, mid=mid, body=body)
        said = {
            "mid": mid,
            "is_echo": True,
            **{name: body["message"][name] for name in ("text", "metadata") if name in body["message"]},
        }
        self._deliver({"sender": {"id": self._account}, "recipient": {"id": to}, "timestamp": 1, "message": said})
        return web.json_response({"recipient_id": to, "message_id": mid})

    def _refusal(self, request: web.Request, body: Body, to: str) -> int | None:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return 190
        if code := self.mishap(body):
            return code
        if not _within_limits(body["message"], LIMITS[self.channel]):
            return 100
        late = time.time() - self._heard.get(to, 0) > DAY_SECONDS
        return 10 if late and body.get("tag") != "HUMAN_AGENT" else None

    def new_mid(self) -> str:
        return f"m_{next(self._numbers)}x{time.time_ns():x}"


async def _read(request: web.Request) -> Body:
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    assert "filedata" in form, "a form is for a file"
    return {name: _value(value) if isinstance(value, str) else Upload.read(value) for name, value in form.items()}


def _value(text: str) -> Any:
    return json.loads(text) if text[0] in "{[" else text


def _within_limits(message: Body, most: int) -> bool:
    replies = message.get("quick_replies", [])
    short = all(0 < len(one["title"]) <= 20 and 0 < len(one["payload"]) <= 1000 for one in replies)
    text = message.get("text")
    return len(replies) <= 13 and short and ("attachment" in message or 0 < len((text or "").encode()) <= most)
