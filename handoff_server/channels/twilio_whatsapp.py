"""WhatsApp by way of Twilio: forms in both directions. Facts: twilio.com/docs/messaging (read July 2026).

Twilio has buttons only in templates that it has approved, so choices are numbered lines here.
"""

import base64
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import structlog

from handoff_server.attachment import FileKind, Place, Remote
from handoff_server.channels.channel import Ignored, SendFailed, Told
from handoff_server.channels.finding import Finding, delivers, token
from handoff_server.channels.lenient import mapping, number, text
from handoff_server.channels.parts import Parts
from handoff_server.channels.post import Api
from handoff_server.refusal import Refusal
from handoff_server.rendering import Limits, lines, split
from handoff_server.service.intake import Arrival
from handoff_server.service.sends import DeliveryReport, Outgoing
from handoff_server.settings import Settings

log = structlog.get_logger()
PREFIX = "whatsapp:"
MAX_FIELDS = 200
_TEMPORARY = {20429, 63018, 30001}
_DELIVERIES = {"sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed", "undelivered": "failed"}
_KINDS: dict[str, FileKind] = {"image": "image", "video": "video", "audio": "audio"}
_HOSTS = ("twiliocdn.com", "amazonaws.com")


def set_up(settings: Settings) -> "TwilioWhatsApp":
    return TwilioWhatsApp(
        settings.twilio_number,
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        settings.twilio_api_url,
        f"{settings.address}/webhooks/{TwilioWhatsApp.name}",
    )


class TwilioWhatsApp:
    name = "twilio_whatsapp"
    limits = Limits(text=1600)
    typing_s = 25.0

    def __init__(self, account: str, sid: str, token: str, api_url: str, webhook_url: str) -> None:
        """`account` is our number, `+14155238886`; Twilio signs the address of the webhook, too."""
        self.account = account
        self._token = token.encode()
        self._path = f"/Accounts/{sid}/Messages.json"
        self._webhook_url = webhook_url
        basic = base64.b64encode(f"{sid}:{token}".encode()).decode()
        self._api = Api(api_url, basic, _failure, _HOSTS, scheme="Basic")
        self._parts = Parts()

    def challenge(self, _query: Mapping[str, str]) -> str:
        raise Refusal("forbidden", "Twilio asks nothing here; the webhook is set in its console")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        signed = self._webhook_url + "".join(name + value for name, value in sorted(_fields(body)))
        right = base64.b64encode(hmac.digest(self._token, signed.encode("utf-8", "replace"), "sha1"))
        if not hmac.compare_digest(headers.get("x-twilio-signature", "").encode("utf-8", "replace"), right):
            raise Refusal("unauthorized", "X-Twilio-Signature is not of this body, PUBLIC_URL and TWILIO_AUTH_TOKEN")

    def read(self, body: bytes) -> list[Told]:
        form = dict(_fields(body))
        sid = (form.get("MessageSid") or form.get("SmsMessageSid") or "")[:200]
        status = form.get("MessageStatus", "")
        if not sid:
            return [Ignored(self.name, "no message")]
        if status and status != "received":
            return [self._report(sid, status, form)]
        if form.get("To", "").removeprefix(PREFIX) != self.account:
            return [Ignored(self.name, "other account")]
        return [self._arrival(sid, form)]

    def answer(self, _told: Sequence[Told]) -> tuple[str, bytes]:
        """Twilio reads the answer as commands, and logs an error when it is no TwiML."""
        return "text/xml", b"<Response/>"

    def _report(self, sid: str, status: str, form: Mapping[str, str]) -> Told:
        if status not in _DELIVERIES:
            return Ignored(self.name, f"status {status[:20]}")
        error = f"twilio:{form['ErrorCode'][:20]}" if form.get("ErrorCode") else None
        return DeliveryReport(self.name, self.account, sid, None, _DELIVERIES[status], error)

    def _arrival(self, sid: str, form: Mapping[str, str]) -> Told:
        contact = (form.get("WaId") or form.get("From", "").removeprefix(PREFIX + "+"))[:120]
        if not contact:
            return Ignored(self.name, "nobody's message")
        attachments = _attachments(form)
        words = form.get("Body") or form.get("ButtonText") or ("" if attachments else "[other]")
        name, pressed = form.get("ProfileName", "")[:120] or None, form.get("ButtonPayload", "")[:200] or None
        kind = "button" if pressed else next((one.kind for one in attachments if isinstance(one, Remote)), "text")
        quoted = form.get("OriginalRepliedMessageSid", "")[:200] or None
        known = (self.name, self.account, contact, name, sid, words, pressed)
        return Arrival(*known, attachments=attachments, kind=kind, quoted=quoted)

    async def send(self, outgoing: Outgoing) -> str:
        forms = self.render(outgoing)
        return await self._parts.send(outgoing.message_id, [partial(self._post, one) for one in forms])

    def render(self, outgoing: Outgoing) -> list[dict[str, str]]:
        addressed = {
            "From": f"{PREFIX}{self.account}",
            "To": f"{PREFIX}+{outgoing.to}",
            "StatusCallback": self._webhook_url,
        }
        words, media = lines(outgoing.text, outgoing.buttons), {}
        for file in outgoing.attachments:
            if file.url is None:
                raise SendFailed("no_public_url", "permanent")
            media = {"MediaUrl": file.url}
        parts = split(words, self.limits.text) if words or not media else [""]
        forms = [addressed | {"Body": part} for part in parts]
        forms[0] |= media
        return forms

    async def _post(self, fields: dict[str, str]) -> str:
        told = await self._api.post_form(self._path, aiohttp.FormData(fields))
        if not (sid := text(mapping(told).get("sid"))):
            raise SendFailed("no_id", "unclear")
        return sid

    async def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        async for part in self._api.download(str(source["url"]), most):
            yield part

    async def show_typing(self, _contact: str, _external_id: str) -> None:
        """Twilio has no stable call for it."""

    async def connect(self, url: str) -> str:
        return f"Twilio is told of {url} in its own console: Messaging, Senders, WhatsApp senders."

    async def examine(self, url: str) -> tuple[list[Finding], int | None]:
        me = await self._api.ask(self._path.removesuffix("/Messages.json") + ".json")
        findings = [token(me, "TWILIO_AUTH_TOKEN", text(mapping(me.told).get("friendly_name")))]
        remedy = f"in Twilio's console, the sender's webhook must be {url}"
        return [*findings, delivers(None, url, remedy)], me.at

    async def close(self) -> None:
        await self._api.close()


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Refusal("invalid_request", "the body is not a form") from None


def _attachments(form: Mapping[str, str]) -> tuple[Remote | Place, ...]:
    latitude, longitude = _degrees(form.get("Latitude")), _degrees(form.get("Longitude"))
    if latitude is not None and longitude is not None:
        return (Place(latitude, longitude, (form.get("Label") or form.get("Address") or "")[:120] or None),)
    found = []
    for place in range(10):
        if url := form.get(f"MediaUrl{place}", "")[:2000]:
            mime = form.get(f"MediaContentType{place}", "")[:100]
            found.append(Remote(_KINDS.get(mime.partition("/")[0], "document"), {"url": url}, "", mime))
    return tuple(found)


def _degrees(value: str | None) -> float | None:
    try:
        return number(float(value)) if value else None
    except ValueError:
        return None


def _failure(told: Any) -> SendFailed | None:
    """Of Twilio's own trouble the HTTP status says whether the message may have been taken."""
    code, status = mapping(told).get("code"), mapping(told).get("status")
    if not isinstance(code, int) or (isinstance(status, int) and status >= 500):
        return None
    return SendFailed(f"twilio:{code}", "temporary" if code in _TEMPORARY else "permanent")
