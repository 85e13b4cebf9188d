"""WhatsApp Cloud API. What the hub is told and refused is Meta's: errors, limits, and what became of each message."""

import re
import secrets
import time
from typing import Any, ClassVar

from aiohttp import web

from tests.fakes import signatures
from tests.fakes.faults import Body, Mishap
from tests.fakes.platform import DAY_SECONDS, Choice, Platform, Shown

# Meta's list: what may be sent as what, and the most bytes of it.
KINDS = {
    "image": ({"image/jpeg", "image/png"}, 5_000_000),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16_000_000),
    "video": ({"video/mp4", "video/3gpp"}, 16_000_000),
    "document": ({"application/pdf", "text/plain"}, 100_000_000),
}
_PLACE = re.compile(r"\{\{(\d+)\}\}")


class WhatsApp(Platform):
    """`statuses`: what is told of a message that was taken. `approved`: template → its text with {{1}} ….

    Codes are what a caller must branch on; their HTTP statuses vary between versions.
    """

    channel = "whatsapp"
    base = "/v26.0"
    can = ("edit", "delete", "react", "read")
    typing_s = 25
    unknown, later = 131000, 130429
    codes: ClassVar[dict[int, tuple[int, str]]] = {
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

    def __init__(
        self,
        account: str = "104000000000001",
        token: str = "graph-token",
        app_secret: str = "graph-app-secret",
    ) -> None:
        self.account, self.token, self._app_secret = account, token, app_secret
        super().__init__("X-Hub-Signature-256", lambda raw: signatures.meta(raw, app_secret))
        self.statuses: tuple[str, ...] = ("sent", "delivered")
        self.approved: dict[str, str] = {}

    @property
    def settings(self) -> dict[str, str]:
        return {
            "whatsapp_phone_number_id": self.account,
            "whatsapp_token": self.token,
            "whatsapp_app_secret": self._app_secret,
            "whatsapp_verify_token": "verify",
            "whatsapp_api_url": self.url,
        }

    # the customer's phone

    def new_customer(self) -> str:
        return f"57300{secrets.randbelow(10**7):07}"

    def say(self, customer: str, text: str) -> str:
        return self.incoming(customer, {"type": "text", "text": {"body": text}})

    def take(self, customer: str, choice: Choice) -> str | None:
        reply = {"type": choice.kind, choice.kind: {"id": choice.id, "title": choice.title}}
        message = {"type": "interactive", "interactive": reply, "context": {"id": choice.of}}
        return self.incoming(customer, message)

    def send_file(self, customer: str, kind: str, file_id: str, caption: str = "") -> str:
        file = self.files[file_id]
        held: Body = {"id": file_id, "mime_type": file.mime} | ({"caption": caption} if caption else {})
        held |= {"filename": file.name} if kind == "document" else {"voice": True} if kind == "voice" else {}
        kind = "audio" if kind == "voice" else kind
        return self.incoming(customer, {"type": kind, kind: held})

    def send_place(self, customer: str, latitude: float, longitude: float) -> str:
        place = {"latitude": latitude, "longitude": longitude}
        return self.incoming(customer, {"type": "location", "location": place})

    def edit(self, customer: str, message_id: str, text: str) -> None:
        held = {"original_message_id": message_id, "message": {"type": "text", "text": {"body": text}}}
        self.incoming(customer, {"type": "edit", "edit": held})

    def delete(self, customer: str, message_id: str) -> None:
        self.incoming(customer, {"type": "revoke", "revoke": {"original_message_id": message_id}})

    def react(self, customer: str, message_id: str, emoji: str) -> None:
        told = {"message_id": message_id} | ({"emoji": emoji} if emoji else {})
        self.incoming(customer, {"type": "reaction", "reaction": told})

    def read(self, customer: str) -> None:
        for one in self._taken(customer):
            if not one.get("read"):
                one["read"] = True
                self.tell_status(one["id"], "read", one["body"])

    def incoming(self, customer: str, message: Body) -> str:
        """Any message of the customer, as Meta tells of it."""
        wamid = self._wamid()
        self._hears(customer)
        self.note("said", customer=customer, id=wamid, message=message)
        contact = {"profile": {"name": self.name}, "wa_id": customer}
        told = {"from": customer, "id": wamid, "timestamp": str(int(self._now())), **message}
        self.tell("messages", {"contacts": [contact], "messages": [told]}, about=wamid)
        return wamid

    def tell_status(self, wamid: str, status: str, body: Body, code: int | None = None, after: float = 0) -> None:
        told: Body = {"id": wamid, "status": status, "timestamp": str(int(time.time())), "recipient_id": body["to"]}
        if "biz_opaque_callback_data" in body:
            told["biz_opaque_callback_data"] = body["biz_opaque_callback_data"]
        if code is not None:
            words = self.codes[code][1]
            told["errors"] = [{"code": code, "title": words, "message": words}]
        self.tell(f"status:{status}", {"statuses": [told]}, after)

    def tell(self, kind: str, told: Body, after: float = 0, about: str = "") -> None:
        metadata = {"display_phone_number": "15550000001", "phone_number_id": self.account}
        value = {"messaging_product": "whatsapp", "metadata": metadata, **told}
        changes = [{"field": "messages", "value": value}]
        body = {"object": "whatsapp_business_account", "entry": [{"id": "w", "changes": changes}]}
        self._deliver(kind, body, after, about)

    def show(self, taken: Body) -> Shown:
        body = taken["body"]
        kind = body["type"]
        held = body[kind]
        if kind == "text":
            return Shown(taken["id"], held["body"])
        if kind == "template":
            return Shown(taken["id"], self._filled(held), way="template")
        if kind != "interactive":
            return Shown(taken["id"], held.get("caption", ""), file_id=held["id"], file_kind=kind)
        action, of = held["action"], taken["id"]
        rows = [row for section in action.get("sections", ()) for row in section["rows"]]
        as_what = "list_reply" if rows else "button_reply"
        found = rows or [one["reply"] for one in action["buttons"]]
        choices = tuple(Choice(one["id"], one["title"], of, as_what) for one in found)
        return Shown(of, held["body"]["text"], choices, action.get("button", ""))

    def _filled(self, template: Body) -> str:
        values = [value["text"] for one in template["components"] for value in one["parameters"]]
        return _PLACE.sub(lambda place: str(values[int(place[1]) - 1]), self.approved[template["name"]])

    # the API

    def _open_doors(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"{self.base}/{self.account}/messages", self._send)
        router.add_post(f"{self.base}/{self.account}/media", self._upload)
        router.add_get(f"{self.base}/{{id}}", self._address)

    async def _read(self, request: web.Request) -> Body:
        return dict(await request.json())

    def _aside(self, request: web.Request, body: Body) -> web.Response | None:
        if body.get("status") != "read":
            return None
        said = (one["customer"] for one in reversed(self.journal) if one.get("id") == body.get("message_id"))
        self.note("typing", to=next(said, ""), body=body)
        return web.json_response({"success": True}) if self._may_fetch(request) else self._error(190, Mishap())

    async def _refusal(self, request: web.Request, body: Body) -> int | None:
        if not self._may_fetch(request):
            return 190
        if body.get("messaging_product") != "whatsapp" or not body.get("to"):
            return 100
        kind = body.get("type")
        if kind == "template":  # at any time, if it is approved
            return None if body["template"]["name"] in self.approved else 132001
        if kind not in ("text", "interactive", *KINDS):
            return 100
        if not (self._may_send(kind, body[kind]) if kind in KINDS else _within_limits(body)):
            return 131009
        return 131047 if self._silence(body["to"]) > DAY_SECONDS else None

    def _may_send(self, kind: str, about: Body) -> bool:
        file = self.files.get(about.get("id", ""))
        types, most = KINDS[kind]
        fits = file is not None and len(file.content) <= most
        allowed = file is not None and (file.mime in types or (kind == "document" and "officedocument" in file.mime))
        return fits and allowed and len(about.get("caption", "")) <= (0 if kind == "audio" else 1024)

    def _take(self, body: Body, mishap: Mishap) -> Body:
        wamid = self._wamid()
        self.note("taken", to=body["to"], id=wamid, body=body)
        if mishap.fails_later:
            self.tell_status(wamid, "failed", body, mishap.fails_later, after=mishap.news_after)
        else:
            for status in self.statuses:
                self.tell_status(wamid, status, body, after=mishap.news_after)
        contacts = [{"input": body["to"], "wa_id": body["to"]}]
        return {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": wamid}]}

    def _wrong(self, code: int, words: str, _mishap: Mishap) -> Body:
        about = {"message": f"(#{code}) {words}", "type": "OAuthException", "code": code or 2, "fbtrace_id": "A1"}
        return {"error": about}

    def _wamid(self) -> str:
        return f"wamid.FAKE{next(self._numbers):08d}{time.time_ns():x}"

    def _may_fetch(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file_id = self.files.upload(form["file"])
        file = self.files.get(file_id)
        assert file and form["messaging_product"] == "whatsapp"
        if not self._may_fetch(request) or file.mime != form["type"]:
            return self._error(190, Mishap())
        self.note("uploaded", file_id=file_id, mime=file.mime, name=file.name)
        return web.json_response({"id": file_id})

    async def _address(self, request: web.Request) -> web.Response:
        """Where a file is."""
        file_id = request.match_info["id"]
        if not self._may_fetch(request):
            return self._error(190, Mishap())
        if (file := self.files.get(file_id)) is None:
            return self._error(100, Mishap())
        url = file.url or f"{self.url}/files/{file_id}"
        size = len(file.content) if file.told_size is None else file.told_size
        return web.json_response({"url": url, "mime_type": file.mime, "file_size": size, "id": file_id})


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


def _fit(choices: list[dict[str, Any]], *, most: int, title: int, identifier: int) -> bool:
    """Meta wants titles and ids to differ from each other, too."""
    if not 0 < len(choices) <= most or len({one["id"] for one in choices}) < len(choices):
        return False
    return all(0 < len(one["title"]) <= title and 0 < len(one["id"]) <= identifier for one in choices)
