"""A fake of Telegram's Bot API and of its customers' phones: a real server, to run the real channel against.

It keeps Telegram's limits, answers and refuses as Telegram does, delivers updates with the secret, and takes the calls
that come as answers to them. What goes wrong with a call is decided by `mishap`: an error code, or None.
"""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.fakes.upload import Upload
from tests.fakes.webhooks import Webhooks

Body = dict[str, Any]
TOKEN, SECRET = "700000001:fake", "telegram-secret"
DESCRIPTIONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden: bot was blocked by the user", 429: "Too Many"}


class _Secret(Webhooks):
    """Telegram signs nothing; it says a word that only the two know."""

    def signed(self, _raw: bytes, signature: str | None = None) -> dict[str, str]:
        return {"X-Telegram-Bot-Api-Secret-Token": self._secret.decode() if signature is None else signature}


class BotApi:
    """Settings of the hub: `settings`. `first_name` and `language_code` are those of whoever writes."""

    channel = "telegram"

    def __init__(self, token: str = TOKEN, secret: str = SECRET, first_number: int = 1) -> None:
        self._token, self._secret = token, secret
        self.journal: list[Body] = []
        self.on_note: Callable[[Body], None] = lambda _fact: None
        self.webhooks = _Secret("", secret, self.note)
        self.webhooks.on_answer = self._answered
        self.mishap: Callable[[str, Body], int | None] = lambda _method, _body: None
        self.copies = 1
        self.files: dict[str, bytes] = {}
        self.first_name, self.language_code = "Ana", "es"
        self._numbers = itertools.count(first_number)

    @property
    def settings(self) -> dict[str, str]:
        return {"telegram_token": self._token, "telegram_secret": self._secret, "telegram_api_url": self.url}

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
        app = web.Application(client_max_size=60_000_000)
        app.router.add_post(f"/bot{self._token}/{{method}}", self._call)
        app.router.add_get(f"/bot{self._token}/getFile", self._get_file)
        app.router.add_get(f"/file/bot{self._token}/{{name}}", self._file)
        return app

    def note(self, what: str, **facts: Any) -> None:
        self.journal.append({"what": what, **facts})
        self.on_note(self.journal[-1])

    # the customer's phone

    def say(self, customer: str, text: str, **more: Any) -> None:
        self.incoming(customer, {"text": text, **more})

    def incoming(self, customer: str, message: Body, kind: str = "message", message_id: int | None = None) -> int:
        """Any message of the customer; its number in the chat."""
        number = message_id or next(self._numbers)
        told = {"message_id": number, **self._who(customer), "date": int(time.time()), **message}
        self.update({kind: told})
        return number

    def press(self, customer: str, title: str) -> None:
        """The newest button with this title."""
        keys = [(one, key) for one in self._to(customer) for row in _rows(one) for key in row if key["text"] == title]
        self.press_key(customer, *keys[-1])

    def press_key(self, customer: str, message: Body, key: Body) -> None:
        """A key of the message that was `taken`."""
        told = {"message_id": message["message_id"], "chat": self._who(customer)["chat"], "date": 1}
        query = {"id": f"q{next(self._numbers)}", "from": self._who(customer)["from"], "data": key["callback_data"]}
        self.update({"callback_query": {**query, "message": {**told, "reply_markup": message["reply_markup"]}}})

    def update(self, told: Body) -> None:
        self.webhooks.send({"update_id": next(self._numbers), **told}, copies=self.copies)

    def shown(self, customer: str) -> list[str]:
        """The words on the phone, oldest first."""
        return [str(one.get("text") or one.get("caption") or "") for one in self._to(customer)]

    def pictures(self, customer: str) -> int:
        return sum(one["method"] == "sendPhoto" for one in self._to(customer))

    def _to(self, customer: str) -> list[Body]:
        return [one for one in self.journal if one["what"] == "taken" and str(one["chat_id"]) == customer]

    def _who(self, customer: str) -> Body:
        known = {"id": int(customer), "first_name": self.first_name}
        person = {**known, "is_bot": False, "language_code": self.language_code}
        return {"from": person, "chat": {**known, "type": "private"}}

    # the API

    def _answered(self, body: bytes) -> None:
        if "method" in (told := json.loads(body or b"{}")):
            self.note("call", **told)

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        body = await _read(request)
        code = self.mishap(method, body) or (None if _within_limits(method, body) else 400)
        if code:
            self.note("refused", method=method, code=code)
            error = {"ok": False, "error_code": code, "description": DESCRIPTIONS.get(code, "Internal")}
            return web.json_response(error | ({"parameters": {"retry_after": 1}} if code == 429 else {}), status=code)
        if not method.startswith("send") or method == "sendChatAction":
            self.note("call", method=method, **body)
            return web.json_response({"ok": True, "result": True})
        number = next(self._numbers)
        self.note("taken", method=method, message_id=number, **body)
        await asyncio.sleep(0)
        return web.json_response({"ok": True, "result": {"message_id": number}})

    async def _get_file(self, request: web.Request) -> web.Response:
        name = request.query["file_id"]
        return web.json_response({"ok": True, "result": {"file_id": name, "file_path": name}})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])


async def _read(request: web.Request) -> Body:
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    return {name: value if isinstance(value, str) else Upload.read(value) for name, value in form.items()}


def _rows(message: Body) -> list[list[Body]]:
    rows: list[list[Body]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def _within_limits(method: str, body: Body) -> bool:
    text = body.get("text", "x" if method != "sendMessage" else "")
    keys = [key for row in _rows(body) for key in row]
    short = all(0 < len(key["callback_data"].encode()) <= 64 and key["text"] for key in keys)
    fits = 0 < len(str(text).encode("utf-16-le")) // 2 <= 4096 and len(str(body.get("caption", ""))) <= 1024
    return short and fits and (method.startswith("set") or "chat_id" in body)
