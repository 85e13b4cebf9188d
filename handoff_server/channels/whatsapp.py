"""WhatsApp Business Cloud API. Facts and limits: developers.facebook.com/docs/whatsapp/cloud-api (read July 2026)."""

import hmac
import json
import math
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import structlog
from aiohttp import FormData

from handoff_server.attachment import Card, Enclosed, Place, Remote
from handoff_server.channels.channel import FetchFailed, SendFailed
from handoff_server.channels.post import Api
from handoff_server.refusal import Refusal
from handoff_server.service.intake import Arrival
from handoff_server.service.sends import DeliveryReport, Outgoing
from handoff_server.texts import say

log = structlog.get_logger()
MAX_BUTTONS, MAX_TITLE, MAX_BODY = 3, 20, 1024
MAX_ROWS, MAX_ROW_TITLE = 10, 24
# Error codes. Of the first kind the message was surely not taken; 131000 and other 5xx may hide one that was.
_TEMPORARY = {4, 80007, 130429, 131048, 131056, 131016, 133004}
_OURS = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})")  # message id and try, as `send` gave them
# Where Meta keeps what customers send: `GET /<media-id>` names an address there, good for five minutes.
_HOSTS = ("fbsbx.com", "facebook.com", "whatsapp.net")
_DELIVERIES = ("sent", "delivered", "read", "failed")
_FILES = ("image", "video", "audio", "document", "sticker")
# What is neither words nor a file: shown to people under its kind. Reactions, edits and the like are no messages.
_KINDS = ("order", "unsupported")
# What customers' phones take as what it is; by Meta's list, in bytes.
_TAKEN = {
    "image": ({"image/jpeg", "image/png"}, 5_000_000),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16_000_000),
    "video": ({"video/mp4", "video/3gpp"}, 16_000_000),
    "document": ({"application/pdf", "text/plain"}, 100_000_000),
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_NOT_MESSAGES = {"reaction", "system", "edit", "revoke", "request_welcome", "ephemeral"}


class WhatsApp:
    name = "whatsapp"

    def __init__(self, account: str, token: str, app_secret: str, verify_token: str, api_url: str) -> None:
        """`account` is the phone number id."""
        self.account = account
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token
        self._api = Api(api_url, token, _failure, _HOSTS)

    def challenge(self, query: Mapping[str, str]) -> str:
        given = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, self._verify_token.encode()):
            raise Refusal("forbidden", "hub.verify_token is not WHATSAPP_VERIFY_TOKEN")
        return query.get("hub.challenge", "")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        right = "sha256=" + hmac.digest(self._app_secret, body, "sha256").hex()
        if not hmac.compare_digest(headers.get("x-hub-signature-256", "").encode(), right.encode()):
            raise Refusal("unauthorized", "X-Hub-Signature-256 is not of this body and WHATSAPP_APP_SECRET")

    def read(self, body: bytes) -> list[Arrival | DeliveryReport]:
        found: list[Arrival | DeliveryReport] = []
        for value in _values(_loads(body)):
            if _dict(value.get("metadata")).get("phone_number_id") != self.account:
                log.warning("whatsapp.other_account")
                continue
            names = _names(value)
            arrivals = (self._arrival(raw, names) for raw in _dicts(value.get("messages")))
            reports = (self._report(raw) for raw in _dicts(value.get("statuses")))
            found += [one for one in (*arrivals, *reports) if one]
        return found

    async def send(self, outgoing: Outgoing) -> str:
        ours = f"{outgoing.message_id}.{outgoing.posted_at}"
        files = [await self._file(one, outgoing.text) for one in outgoing.attachments]
        body = (
            _addressed(outgoing.to) | {"biz_opaque_callback_data": ours} | (files[0] if files else _content(outgoing))
        )
        answer = await self._api.post(f"/{self.account}/messages", body)
        messages = _dicts(_dict(answer).get("messages"))
        if not messages or not isinstance(messages[0].get("id"), str):
            raise SendFailed("no_id", "unclear")
        return str(messages[0]["id"])

    async def _file(self, enclosed: Enclosed, caption: str) -> dict[str, Any]:
        """Uploads the file, which reaches nobody yet; the part of a message that sends it."""
        kind, mime = _taken_as(enclosed)
        form = FormData({"messaging_product": "whatsapp", "type": mime})
        with enclosed.file.open("rb") as content:
            form.add_field("file", content, filename=enclosed.name, content_type=mime)
            told = _dict(await self._api.upload(f"/{self.account}/media", form))
        if not isinstance(media_id := told.get("id"), str):
            raise SendFailed("no_media_id", "temporary")
        about = {"id": media_id}
        if caption and kind != "audio":
            about["caption"] = caption
        if kind == "document":
            about["filename"] = enclosed.name
        return {"type": kind, kind: about}

    async def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        told = _dict(await self._api.get(f"/{source['id']}?phone_number_id={self.account}"))
        if not isinstance(url := told.get("url"), str):
            raise FetchFailed("no_address", "temporary")
        size = told.get("file_size")
        if isinstance(size, int) and size > most:
            raise FetchFailed("media_too_large", "refused")
        async for part in self._api.download(url, most):
            yield part

    async def show_typing(self, external_id: str) -> None:
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": external_id,
            "typing_indicator": {"type": "text"},
        }
        try:
            await self._api.post(f"/{self.account}/messages", body)
        except SendFailed as failure:
            log.info("whatsapp.no_typing", why=failure.why)

    async def close(self) -> None:
        await self._api.close()

    def _arrival(self, raw: dict[str, Any], names: Mapping[str, str]) -> Arrival | None:
        contact = _text(raw.get("from")) or _text(raw.get("from_user_id"))
        external_id, kind = _text(raw.get("id")), _text(raw.get("type"))
        if not contact or not external_id or kind in _NOT_MESSAGES or raw.get("group_id"):
            log.info("whatsapp.left_out", kind=kind[:20])
            return None
        text, button_id = _said(kind, raw)
        who = (self.name, self.account, contact[:120], names.get(contact), external_id[:200])
        return Arrival(*who, text, button_id, tuple(_brought(kind, raw)))

    def _report(self, raw: dict[str, Any]) -> DeliveryReport | None:
        external_id, delivery = _text(raw.get("id")), _text(raw.get("status"))
        if not external_id or delivery not in _DELIVERIES:
            return None
        ours = _OURS.fullmatch(_text(raw.get("biz_opaque_callback_data")))
        message_id, posted_at = (int(ours[1]), int(ours[2])) if ours else (None, None)
        errors = _dicts(raw.get("errors"))
        error = f"whatsapp:{errors[0].get('code')}"[:80] if errors else None
        return DeliveryReport(self.name, self.account, external_id[:200], message_id, delivery, error, posted_at)


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("invalid_request", "the body is not JSON") from None


def _values(body: Any) -> Iterator[dict[str, Any]]:
    for entry in _dicts(_dict(body).get("entry")):
        for change in _dicts(entry.get("changes")):
            if change.get("field") == "messages":
                yield _dict(change.get("value"))


def _names(value: dict[str, Any]) -> dict[str, str]:
    """What people call themselves, by each of their ids."""
    names: dict[str, str] = {}
    for contact in _dicts(value.get("contacts")):
        if name := _text(_dict(contact.get("profile")).get("name"))[:120]:
            names |= {_text(contact.get(key)): name for key in ("wa_id", "user_id")}
    return names


def _said(kind: str, raw: dict[str, Any]) -> tuple[str, str | None]:
    """Text and pressed button of a message of any kind."""
    if kind == "text":
        return _text(_dict(raw.get("text")).get("body")), None
    if kind == "interactive":
        pressed = _dict(raw.get("interactive"))
        reply = _dict(pressed.get("button_reply")) or _dict(pressed.get("list_reply"))
        return _text(reply.get("title")), _text(reply.get("id")) or None
    if kind == "button":
        return _text(_dict(raw.get("button")).get("text")), None
    caption = _text(_dict(raw.get(kind)).get("caption"))
    if kind in _FILES or kind in ("location", "contacts"):
        return caption, None
    return f"[{kind if kind in _KINDS else 'other'}] {caption}".strip(), None


def _brought(kind: str, raw: dict[str, Any]) -> Iterator[Remote | Place | Card]:
    """What a message holds besides words."""
    if kind in _FILES and (media_id := _text((file := _dict(raw.get(kind))).get("id"))):
        voice = kind == "audio" and file.get("voice") is True
        found: Any = "voice" if voice else kind
        yield Remote(found, {"id": media_id[:200]}, _text(file.get("filename")), _text(file.get("mime_type")))
    elif kind == "location":
        place = _dict(raw.get(kind))
        latitude, longitude = _number(place.get("latitude")), _number(place.get("longitude"))
        if latitude is not None and longitude is not None:
            name = ", ".join(part for part in (_text(place.get("name")), _text(place.get("address"))) if part)
            yield Place(latitude, longitude, name or None)
    elif kind == "contacts":
        for contact in _dicts(raw.get(kind)):
            phones = tuple(_text(phone.get("phone")) for phone in _dicts(contact.get("phones")))
            yield Card(_text(_dict(contact.get("name")).get("formatted_name")), phones)


def _taken_as(enclosed: Enclosed) -> tuple[str, str]:
    """Kind and type under which Meta takes the file. SendFailed when it does not."""
    kind = {"voice": "audio", "sticker": "image"}.get(enclosed.kind, str(enclosed.kind))
    mime = "text/plain" if enclosed.mime == "text/csv" else enclosed.mime
    types, most = _TAKEN[kind]
    if mime not in types and not (kind == "document" and mime.startswith(_OFFICE)):
        raise SendFailed("media_type", "permanent")
    if enclosed.size > most:
        raise SendFailed("media_too_large", "permanent")
    return kind, mime


def _addressed(to: str) -> dict[str, Any]:
    """Who hides the phone number is known by a business-scoped id, which has its own field."""
    field = "to" if to.isdigit() else "recipient"
    return {"messaging_product": "whatsapp", "recipient_type": "individual", field: to}


def _content(outgoing: Outgoing) -> dict[str, Any]:
    """Up to three short buttons are buttons, up to ten a list to open; more or longer ones are lines of the text."""
    buttons = outgoing.buttons
    shown = [{"id": one["id"], "title": one["title"]} for one in buttons]
    longest = max((len(one["title"]) for one in shown), default=0)
    if buttons and len(outgoing.text) <= MAX_BODY:
        if len(buttons) <= MAX_BUTTONS and longest <= MAX_TITLE:
            replies = [{"type": "reply", "reply": one} for one in shown]
            return _interactive("button", outgoing.text, {"buttons": replies})
        if len(buttons) <= MAX_ROWS and longest <= MAX_ROW_TITLE:
            opened_by = say(outgoing.language, "choose")
            return _interactive("list", outgoing.text, {"button": opened_by, "sections": [{"rows": shown}]})
    lines = [outgoing.text, *(f"• {button['title']}" for button in buttons)]
    return {"type": "text", "text": {"body": "\n".join(lines)[:4096]}}


def _interactive(kind: str, text: str, action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}}


def _failure(told: Any) -> SendFailed | None:
    code = _dict(_dict(told).get("error")).get("code")
    if not isinstance(code, int):
        return None
    return SendFailed(f"whatsapp:{code}", "temporary") if code in _TEMPORARY else _lasting(code)


def _lasting(code: int) -> SendFailed | None:
    """Codes of requests that were read and refused. A general error tells nothing: the status decides."""
    return SendFailed(f"whatsapp:{code}", "permanent") if code not in (1, 2, 131000) else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
