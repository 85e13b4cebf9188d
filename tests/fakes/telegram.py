"""Telegram's Bot API. It signs nothing: it says a word that only the two know. It takes calls as answers to updates."""

import json
import secrets
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes.faults import Body, Mishap
from tests.fakes.platform import Choice, Platform, Shown

FILES = {"photo": "image", "voice": "voice", "video": "video", "document": "document"}
_NAMES = {kind: name for name, kind in FILES.items()}


class Telegram(Platform):
    channel = "telegram"
    can = ("edit", "react")
    typing_s = 5
    unknown, later = 500, 429
    codes: ClassVar[dict[int, tuple[int, str]]] = {
        400: (400, "Bad Request"),
        401: (401, "Unauthorized"),
        403: (403, "Forbidden: bot was blocked by the user"),
        429: (429, "Too Many Requests: retry after 1"),
        500: (500, "Internal Server Error"),
    }

    def __init__(self, token: str = "700000001:fake", secret: str = "telegram-secret") -> None:
        self._token, self._secret = token, secret
        super().__init__("X-Telegram-Bot-Api-Secret-Token", lambda _raw: secret)
        self.webhooks.on_answer = self._answered

    @property
    def settings(self) -> dict[str, str]:
        return {"telegram_token": self._token, "telegram_secret": self._secret, "telegram_api_url": self.url}

    # the customer's phone

    def new_customer(self) -> str:
        return str(100_000_000 + secrets.randbelow(900_000_000))

    def say(self, customer: str, text: str) -> str:
        return self.incoming(customer, {"text": text})

    def take(self, customer: str, choice: Choice) -> str | None:
        sent = next(one for one in self._taken(customer) if one["id"] == choice.of)["body"]
        chat = self._who(customer)["chat"]
        message = {"message_id": int(choice.of), "chat": chat, "date": 1, "reply_markup": sent["reply_markup"]}
        query = {"id": f"q{next(self._numbers)}", "from": self._who(customer)["from"], "data": choice.id}
        self.update({"callback_query": {**query, "message": message}})
        return None

    def send_file(self, customer: str, kind: str, file_id: str, caption: str = "") -> str:
        file = self.files[file_id]
        held: Body = {"file_id": file_id, "mime_type": file.mime, "file_name": file.name}
        name = _NAMES.get(kind, kind)
        told = {name: [{**held, "width": 320}] if name == "photo" else held}
        return self.incoming(customer, told | ({"caption": caption} if caption else {}))

    def send_place(self, customer: str, latitude: float, longitude: float) -> str:
        return self.incoming(customer, {"location": {"latitude": latitude, "longitude": longitude}})

    def edit(self, customer: str, message_id: str, text: str) -> None:
        changed = {"message_id": int(message_id), "text": text, "edit_date": int(self._now())}
        self.incoming(customer, changed, "edited_message")

    def react(self, customer: str, message_id: str, emoji: str) -> None:
        given = [{"type": "emoji", "emoji": emoji}] if emoji else []
        told = {"message_id": int(message_id), "old_reaction": [], "new_reaction": given}
        self.incoming(customer, told, "message_reaction")

    def blocks(self, customer: str, blocked: bool) -> None:
        """Of being blocked Telegram tells at once, and of the end of it."""
        status = {"status": "kicked" if blocked else "member", "user": self._who(customer)["from"]}
        self.update({"my_chat_member": {**self._who(customer), "new_chat_member": status}})

    def incoming(self, customer: str, message: Body, kind: str = "message") -> str:
        """Any message of the customer; its number in the chat."""
        told = {"message_id": next(self._numbers), **self._who(customer), "date": int(self._now()), **message}
        self.update({kind: told}, str(told["message_id"]))
        return str(told["message_id"])

    def update(self, told: Body, about: str = "") -> None:
        self._deliver("update", {"update_id": next(self._numbers), **told}, about=about)

    def show(self, taken: Body) -> Shown:
        body, of = taken["body"], taken["id"]
        keys = tuple(Choice(key["callback_data"], key["text"], of) for row in _rows(body) for key in row)
        name = next((one for one in FILES if one in body), "")
        words = str(body.get("text") or body.get("caption") or "")
        return Shown(of, words, keys, file_id=body.get(name, ""), file_kind=FILES.get(name, ""))

    def _who(self, customer: str) -> Body:
        known = {"id": int(customer), "first_name": self.name}
        person = {**known, "is_bot": False, "language_code": self.language}
        return {"from": person, "chat": {**known, "type": "private"}}

    # the API

    def _open_doors(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"/bot{self._token}/{{method}}", self._send)
        router.add_get(f"/bot{self._token}/getFile", self._path)
        router.add_get(f"/file/bot{self._token}/{{id}}", self._download)

    def _answered(self, body: bytes) -> None:
        if "method" in (told := json.loads(body or b"{}")):
            self.note("call", body=told)

    async def _read(self, request: web.Request) -> Body:
        named = {"method": request.match_info["method"]}
        if request.content_type == "application/json":
            return named | dict(await request.json())
        form = await request.post()
        return named | {name: one if isinstance(one, str) else self.files.upload(one) for name, one in form.items()}

    def _aside(self, _request: web.Request, body: Body) -> web.Response | None:
        if body["method"].startswith("send") and body["method"] != "sendChatAction":
            return None
        typing = body["method"] == "sendChatAction"
        self.note("typing" if typing else "call", to=str(body.get("chat_id", "")), body=body)
        return web.json_response({"ok": True, "result": True})

    async def _refusal(self, _request: web.Request, body: Body) -> int | None:
        return None if _within_limits(body) else 400

    def _take(self, body: Body, _mishap: Mishap) -> Body:
        number = next(self._numbers)
        self.note("taken", to=str(body["chat_id"]), id=str(number), body=body)
        return {"ok": True, "result": {"message_id": number}}

    def _wrong(self, code: int, words: str, mishap: Mishap) -> Body:
        wait = {"parameters": {"retry_after": mishap.retry_after or 1}} if code == 429 else {}
        return {"ok": False, "error_code": code or mishap.status, "description": words, **wait}

    async def _path(self, request: web.Request) -> web.Response:
        file_id = request.query["file_id"]
        return web.json_response({"ok": True, "result": {"file_id": file_id, "file_path": file_id}})


def _rows(body: Body) -> list[list[Body]]:
    """Of a form it comes as JSON."""
    told: Any = body.get("reply_markup", {})
    rows: list[list[Body]] = (json.loads(told) if isinstance(told, str) else told).get("inline_keyboard", [])
    return rows


def _within_limits(body: Body) -> bool:
    text = body.get("text", "") if body["method"] == "sendMessage" else "x"
    keys = [key for row in _rows(body) for key in row]
    short = all(0 < len(key["callback_data"].encode()) <= 64 and key["text"] for key in keys)
    fits = 0 < len(str(text).encode("utf-16-le")) // 2 <= 4096 and len(str(body.get("caption", ""))) <= 1024
    return short and fits and "chat_id" in body
