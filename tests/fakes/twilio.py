"""WhatsApp by way of Twilio: forms in both directions, and files by their addresses."""

import base64
import secrets
import time
from typing import ClassVar

from aiohttp import web

from tests.fakes import signatures
from tests.fakes.faults import Body, Mishap
from tests.fakes.files import File
from tests.fakes.platform import DAY_SECONDS, Choice, Platform, Shown

_PREFIX = "whatsapp:+"


class Twilio(Platform):
    """What became of a message is told to the address that came with it."""

    channel = "twilio_whatsapp"
    base = "/2010-04-01"
    unknown, later = 20500, 20429
    codes: ClassVar[dict[int, tuple[int, str]]] = {
        20003: (401, "Authenticate"),
        20429: (429, "Too Many Requests"),
        20500: (500, "Internal Server Error"),
        21617: (400, "The concatenated message body exceeds the 1600 character limit"),
        63016: (400, "Failed to send freeform message because you are outside the allowed window"),
    }

    def __init__(
        self, number: str = "+14155238886", sid: str = "AC00000000000000000000000000000001", token: str = "twilio-token"
    ) -> None:
        self._number, self._sid, self._token = number, sid, token
        self._basic = "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()
        sign = lambda raw: signatures.twilio(raw, token, self.webhooks.url)  # noqa: E731
        super().__init__("X-Twilio-Signature", sign, form=True)

    @property
    def settings(self) -> dict[str, str]:
        given = {"number": self._number, "account_sid": self._sid, "auth_token": self._token, "api_url": self.url}
        return {f"twilio_{name}": value for name, value in given.items()}

    # the customer's phone

    def new_customer(self) -> str:
        return f"57300{secrets.randbelow(10**7):07}"

    def say(self, customer: str, text: str) -> str:
        return self.incoming(customer, {"Body": text})

    def take(self, customer: str, choice: Choice) -> str | None:
        return self.say(customer, choice.title)

    def send_file(self, customer: str, kind: str, file_id: str, caption: str = "") -> str:
        url, mime = f"{self.url}/files/{file_id}", self.files[file_id].mime
        about = {"NumMedia": "1", "MediaUrl0": url, "MediaContentType0": mime, "MessageType": kind}
        return self.incoming(customer, {"Body": caption, **about})

    def send_place(self, customer: str, latitude: float, longitude: float) -> str:
        return self.incoming(customer, {"Body": "", "Latitude": str(latitude), "Longitude": str(longitude)})

    def incoming(self, customer: str, fields: dict[str, str]) -> str:
        """Any message of the customer."""
        self._hears(customer)
        sid = self._message_sid()
        who = {"From": f"{_PREFIX}{customer}", "To": f"whatsapp:{self._number}", "WaId": customer}
        told = {"MessageSid": sid, "SmsMessageSid": sid, "SmsStatus": "received", "ProfileName": self.name, **who}
        self._deliver("message", told | fields, about=sid)
        return sid

    def show(self, taken: Body) -> Shown:
        body = taken["body"]
        file_id = body.get("file_id", "")
        return Shown(taken["id"], body["Body"], file_id=file_id, file_kind="image" if file_id else "")

    # the API

    def _open_doors(self, router: web.UrlDispatcher) -> None:
        router.add_post(f"{self.base}/Accounts/{self._sid}/Messages.json", self._send)

    async def _read(self, request: web.Request) -> Body:
        return {name: str(value) for name, value in (await request.post()).items()}

    def _may_fetch(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == self._basic

    async def _refusal(self, request: web.Request, body: Body) -> int | None:
        if not self._may_fetch(request):
            return 20003
        if body["From"] != f"whatsapp:{self._number}" or not body["To"].startswith(_PREFIX):
            return 21211
        if len(body["Body"]) > 1600 or not (body["Body"] or "MediaUrl" in body):
            return 21617
        if "MediaUrl" in body:
            found = await self.webhooks.fetch(body["MediaUrl"])
            if found is None:
                return 12300
            body["file_id"] = self.files.keep(File(*found))
        return 63016 if self._silence(body["To"].removeprefix(_PREFIX)) > DAY_SECONDS else None

    def _take(self, body: Body, mishap: Mishap) -> Body:
        sid = self._message_sid()
        self.note("taken", to=body["To"].removeprefix(_PREFIX), id=sid, body=body)
        for status in ("sent", "delivered"):
            told = {"MessageSid": sid, "MessageStatus": status, "From": body["From"], "To": body["To"]}
            self._deliver(f"status:{status}", told, mishap.news_after)
        return {"sid": sid, "status": "queued"}

    def _wrong(self, code: int, words: str, mishap: Mishap) -> Body:
        return {"code": code or 20503, "message": words, "status": mishap.status or self.codes.get(code, (400, ""))[0]}

    def _message_sid(self) -> str:
        return f"SM{next(self._numbers):010x}{time.time_ns():022x}"
