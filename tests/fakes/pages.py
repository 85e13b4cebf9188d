"""Messenger's and Instagram's Send API, which differ in limits and files: both echo what a page says, as Meta does."""

import json
import secrets
import time
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes import signatures
from tests.fakes.faults import Body, Mishap
from tests.fakes.files import File
from tests.fakes.platform import DAY_SECONDS, Choice, Platform, Shown

_TYPES = {"voice": "audio", "document": "file"}
_KINDS = {"file": "document"}


class Messenger(Platform):
    channel = "messenger"
    can: ClassVar[tuple[str, ...]] = ("edit", "react", "read")
    choices_stay = False
    unknown, later = 1, 613
    codes: ClassVar[dict[int, tuple[int, str]]] = {
        190: (401, "Invalid OAuth access token"),
        1: (500, "Please retry your request later"),
    }
    account_setting: ClassVar[str] = "messenger_page_id"
    most: ClassVar[int] = 2000  # characters

    def __init__(
        self, account: str = "105000000000001", token: str = "page-token", app_secret: str = "page-secret"
    ) -> None:
        self._account, self._token, self._app_secret = account, token, app_secret
        super().__init__("X-Hub-Signature-256", lambda raw: signatures.meta(raw, app_secret))

    @property
    def settings(self) -> dict[str, str]:
        given = {"token": self._token, "app_secret": self._app_secret, "verify_token": "verify", "api_url": self.url}
        return {self.account_setting: self._account} | {f"{self.channel}_{name}": one for name, one in given.items()}

    # the customer's phone

    def new_customer(self) -> str:
        return str(10**15 + secrets.randbelow(9 * 10**15))

    def say(self, customer: str, text: str) -> str:
        return self._message(customer, {"text": text})

    def take(self, customer: str, choice: Choice) -> str | None:
        return self._message(customer, {"text": choice.title, "quick_reply": {"payload": choice.id}})

    def send_file(self, customer: str, kind: str, file_id: str, caption: str = "") -> str:
        """These apps send words apart from files."""
        url = f"{self.url}/files/{file_id}"
        mid = self._message(customer, {"attachments": [{"type": _TYPES.get(kind, kind), "payload": {"url": url}}]})
        return self.say(customer, caption) if caption else mid

    def send_place(self, customer: str, latitude: float, longitude: float) -> str:
        payload = {"coordinates": {"lat": latitude, "long": longitude}}
        return self._message(customer, {"attachments": [{"type": "location", "payload": payload}]})

    def edit(self, customer: str, message_id: str, text: str) -> None:
        self.event(customer, {"message_edit": {"mid": message_id, "text": text}})

    def react(self, customer: str, message_id: str, emoji: str) -> None:
        given = {"action": "react", "emoji": emoji} if emoji else {"action": "unreact"}
        self.event(customer, {"reaction": {"mid": message_id, **given}}, heard=False)

    def read(self, customer: str) -> None:
        self.event(customer, {"read": {"watermark": time.time_ns() // 1_000_000 + 1}}, heard=False)

    def event(self, customer: str, told: Body, heard: bool = True, where: str = "messaging") -> None:
        """Anything that Meta tells of a customer."""
        if heard:
            self._hears(customer)
        sides = {"sender": {"id": customer}, "recipient": {"id": self._account}}
        about = told.get("message", {}).get("mid", "")
        self._tell("event", {**sides, "timestamp": int(self._now() * 1000), **told}, where, about)

    def _message(self, customer: str, held: Body) -> str:
        mid = self._mid()
        self.event(customer, {"message": {"mid": mid, **held}})
        return mid

    def show(self, taken: Body) -> Shown:
        body, of = taken["body"], taken["id"]
        message = body["message"]
        replies = tuple(Choice(one["payload"], one["title"], of) for one in message.get("quick_replies", ()))
        kind = message.get("attachment", {}).get("type", "")
        way = "human_agent" if body.get("tag") == "HUMAN_AGENT" else ""
        words, file_id = str(message.get("text", "")), body.get("filedata", "")
        return Shown(of, words, replies, file_id=file_id, file_kind=_KINDS.get(kind, kind), way=way)

    def _tell(self, kind: str, event: Body, where: str = "messaging", about: str = "") -> None:
        entry = {"id": self._account, "time": time.time_ns() // 1_000_000, where: [event]}
        whose = "page" if self.channel == "messenger" else "instagram"
        self._deliver(kind, {"object": whose, "entry": [entry]}, about=about)

    # the API

    def _open_doors(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"/{self._account}/messages", self._send)

    async def _read(self, request: web.Request) -> Body:
        if request.content_type == "application/json":
            return dict(await request.json())
        form = await request.post()
        return {name: _value(one) if isinstance(one, str) else self.files.upload(one) for name, one in form.items()}

    def _aside(self, _request: web.Request, body: Body) -> web.Response | None:
        if "sender_action" not in body:
            return None
        to = str(body["recipient"]["id"])
        self.note("typing" if body["sender_action"] == "typing_on" else "call", to=to, body=body)
        return web.json_response({"recipient_id": to})

    async def _refusal(self, request: web.Request, body: Body) -> int | None:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return 190
        if not self._within_limits(body["message"]) or not await self._has_file(body):
            return 100
        silence, tagged = self._silence(str(body["recipient"]["id"])), body.get("tag") == "HUMAN_AGENT"
        return 10 if silence > (7 if tagged else 1) * DAY_SECONDS else None

    def _within_limits(self, message: Body) -> bool:
        replies = message.get("quick_replies", [])
        short = all(0 < len(one["title"]) <= 20 and 0 < len(one["payload"]) <= 1000 for one in replies)
        fits = "attachment" in message or 0 < self._width(message.get("text") or "") <= self.most
        return len(replies) <= 13 and short and fits

    def _width(self, text: str) -> int:
        return len(text)

    async def _has_file(self, body: Body) -> bool:
        return "attachment" not in body["message"] or "filedata" in body

    def _take(self, body: Body, _mishap: Mishap) -> Body:
        to, mid = str(body["recipient"]["id"]), self._mid()
        self.note("taken", to=to, id=mid, body=body)
        kept = {name: body["message"][name] for name in ("text", "metadata") if name in body["message"]}
        sides = {"sender": {"id": self._account}, "recipient": {"id": to}, "timestamp": int(time.time() * 1000)}
        self._tell("echo", {**sides, "message": {"mid": mid, "is_echo": True, **kept}})
        return {"recipient_id": to, "message_id": mid}

    def _wrong(self, code: int, words: str, _mishap: Mishap) -> Body:
        return {"error": {"code": code or 2, "message": words, "type": "OAuthException"}}

    def _mid(self) -> str:
        return f"m_{next(self._numbers)}x{time.time_ns():x}"


class Instagram(Messenger):
    """Fetches files from the address that it is given."""

    channel = "instagram"
    can = ("edit", "delete", "react", "read")
    account_setting = "instagram_account_id"
    most = 1000  # bytes

    def delete(self, customer: str, message_id: str) -> None:
        self.event(customer, {"message": {"mid": message_id, "is_deleted": True}}, heard=False)

    def _width(self, text: str) -> int:
        return len(text.encode())

    async def _has_file(self, body: Body) -> bool:
        if "attachment" not in body["message"]:
            return True
        found = await self.webhooks.fetch(body["message"]["attachment"]["payload"]["url"])
        if found:
            body["filedata"] = self.files.keep(File(*found))
        return found is not None


def _value(text: str) -> Any:
    return json.loads(text) if text[0] in "{[" else text
