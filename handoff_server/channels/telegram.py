"""Telegram Bot API, by webhook, in private chats. Facts and limits: core.telegram.org/bots/api (read July 2026)."""

import asyncio
import hmac
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import structlog

from handoff_server.attachment import Card, Enclosed, FileKind, Place, Remote
from handoff_server.channels.channel import TAKEN, FetchFailed, Ignored, SendFailed, Told
from handoff_server.channels.finding import Finding, Reply, delivers, token
from handoff_server.channels.lenient import identifier, loads, mapping, mappings, milliseconds, number, text
from handoff_server.channels.parts import Parts
from handoff_server.channels.post import Api
from handoff_server.refusal import Refusal
from handoff_server.rendering import Limits, lines, split, utf16
from handoff_server.service.contacts import Moved, Reach
from handoff_server.service.intake import Arrival, Command
from handoff_server.service.revisions import Reaction
from handoff_server.service.sends import Outgoing
from handoff_server.settings import Settings
from handoff_server.texts import LANGUAGES, say

log = structlog.get_logger()
MAX_CAPTION = 1024
MAX_PHOTO = 10_000_000
KINDS = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
_COMMAND = re.compile(r"/([a-z_]{1,32})(?:@\w{1,64})?(?:\s+(.{1,200}))?", re.IGNORECASE | re.DOTALL)
_HUMAN = ("human", "humano", "persona", "person", "agent", "agente", "asesor")
_COMMANDS: dict[str, Command] = {"start": "start", **dict.fromkeys(_HUMAN, "human")}
# Telegram's name → ours; of an animation a document is told besides, so that comes last.
_FILES: dict[str, FileKind] = {
    "photo": "image",
    "voice": "voice",
    "audio": "audio",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "sticker": "sticker",
    "document": "document",
}
# What else a customer may have sent: an agent sees at least that there was something.
_OTHERS = ("poll", "dice", "game", "story", "paid_media", "rich_message", "checklist", "gift", "invoice")
_METHODS = {"image": ("sendPhoto", "photo"), "voice": ("sendVoice", "voice"), "video": ("sendVideo", "video")}
_CALLBACK = "callback."
_PHOTOS = ("image/jpeg", "image/png", "image/webp")


def set_up(settings: Settings) -> "Telegram":
    token, secret = settings.telegram_token.get_secret_value(), settings.telegram_secret.get_secret_value()
    return Telegram(token, secret, settings.telegram_api_url)


class Telegram:
    name = "telegram"
    limits = Limits(text=4096, body=4096, most=10, title=64)
    typing_s = 4.0

    def __init__(self, token: str, secret: str, api_url: str) -> None:
        """The account is the bot's id, which its token begins with."""
        self.account = token.partition(":")[0]
        self._secret = secret.encode()
        self._files = f"/file/bot{token}/"
        self._bot = f"/bot{token}/"
        self._api_url = api_url
        self._api = Api(api_url, "", _failure)
        self._parts = Parts()

    def challenge(self, _query: Mapping[str, str]) -> str:
        raise Refusal("forbidden", "Telegram asks nothing here; its webhook is set with connect-channel telegram")

    def verify(self, headers: Mapping[str, str], _body: bytes) -> None:
        given = headers.get("x-telegram-bot-api-secret-token", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            raise Refusal("unauthorized", "X-Telegram-Bot-Api-Secret-Token is not TELEGRAM_SECRET")

    # what comes

    def read(self, body: bytes) -> list[Told]:
        update = mapping(loads(body))
        kind = next((one for one in KINDS if isinstance(update.get(one), dict)), None)
        if kind is None:
            words = [name for name in update if name != "update_id"]
            return [self._left_out(f"update {words[0] if words else 'without content'}")]
        held = update[kind]
        if kind == "callback_query":
            return [self._pressed(held)]
        chat = mapping(held.get("chat"))
        if chat.get("type") != "private" or not identifier(chat.get("id")):
            return [self._left_out("group")]
        contact = identifier(chat["id"])[:120]
        if kind == "my_chat_member":
            status = text(mapping(held.get("new_chat_member")).get("status"))
            return [Reach(self.name, self.account, contact, gone=status in ("kicked", "left"))]
        if kind == "message_reaction":
            emoji = [text(one.get("emoji")) or "✨" for one in mappings(held.get("new_reaction"))]
            return [Reaction(self.name, self.account, _id(contact, held), emoji[-1] if emoji else None)]
        return [self._message(contact, held)]

    def answer(self, told: Sequence[Told]) -> tuple[str, bytes]:
        """A pressed button stops to turn on the phone: the answer to the webhook is itself the call that says so."""
        answered = (one.external_id for one in told if isinstance(one, Arrival | Ignored))
        pressed = [one for one in answered if one.startswith(_CALLBACK)]
        if not pressed:
            return TAKEN
        call = {"method": "answerCallbackQuery", "callback_query_id": pressed[0].removeprefix(_CALLBACK)}
        return TAKEN[0], json.dumps(call).encode()

    def _left_out(self, what: str) -> Ignored:
        return Ignored(self.name, what[:60])

    def _message(self, contact: str, held: dict[str, Any]) -> Told:
        if moved := identifier(held.get("migrate_to_chat_id")):
            return Moved(self.name, self.account, contact, to=moved[:120])
        if mapping(held.get("from")).get("is_bot") is True:
            return self._left_out("echo")
        words = text(held.get("text")) or text(held.get("caption"))
        attachments = _attachments(held)
        if not words and not attachments:
            other = next((one for one in _OTHERS if one in held), None)
            if other is None:
                return self._left_out("service message")
            words = "[other]"
        command, parameter = _command(words)
        edited_at = milliseconds(held.get("edit_date"), 1000)
        return Arrival(
            self.name,
            self.account,
            contact,
            _name(held),
            _id(contact, held),
            words,
            attachments=attachments,
            kind=next((one for one in (*_FILES, *_OTHERS, "location", "contact") if one in held), "text"),
            language=text(mapping(held.get("from")).get("language_code"))[:8] or None,
            command=command,
            said_at=edited_at or milliseconds(held.get("date"), 1000),
            quoted=_id(contact, mapping(held.get("reply_to_message"))) if held.get("reply_to_message") else None,
            edited_at=edited_at,
            referral={"source": "link", "ref": parameter} if command == "start" and parameter else None,
        )

    def _pressed(self, query: dict[str, Any]) -> Told:
        message, query_id = mapping(query.get("message")), text(query.get("id"))[:100]
        chat = mapping(message.get("chat"))
        contact = identifier(chat.get("id")) or identifier(mapping(query.get("from")).get("id"))
        if not query_id or not contact or chat.get("type", "private") != "private":
            return Ignored(self.name, "callback of a group", f"{_CALLBACK}{query_id}")
        data = text(query.get("data"))
        language = text(mapping(query.get("from")).get("language_code"))[:8] or None
        name, shown = _name(query), _title(message, data) or data
        external_id = f"{_CALLBACK}{query_id}"
        return Arrival(
            *(self.name, self.account, contact[:120], name, external_id, shown, data[:64] or None),
            kind="callback_query",
            language=language,
        )

    # what leaves

    async def send(self, outgoing: Outgoing) -> str:
        calls = self.render(outgoing)
        file = outgoing.attachments[0] if outgoing.attachments else None
        posts = [
            partial(self._call, method, body, file if place == 0 else None)
            for place, (method, body) in enumerate(calls)
        ]
        return await self._parts.send(outgoing.message_id, posts)

    def render(self, outgoing: Outgoing) -> list[tuple[str, dict[str, Any]]]:
        """The calls to make, in order: a method and its parameters, to the first of which a file belongs."""
        words = lines(outgoing.text, outgoing.buttons) if outgoing.form == "lines" else outgoing.text
        calls: list[tuple[str, dict[str, Any]]] = []
        if outgoing.attachments:
            method, _field = _method(outgoing.attachments[0])
            caption, words = (words, "") if utf16(words) <= MAX_CAPTION else ("", words)
            calls.append((method, {"chat_id": outgoing.to} | ({"caption": caption} if caption else {})))
        parts = split(words, self.limits.text, utf16) if words or not calls else []
        calls += [("sendMessage", {"chat_id": outgoing.to, "text": part}) for part in parts]
        if outgoing.buttons and outgoing.form != "lines":
            keys = [[{"text": one["title"], "callback_data": one["id"]}] for one in outgoing.buttons]
            calls[-1][1]["reply_markup"] = {"inline_keyboard": keys}
        return calls

    async def _call(self, method: str, body: dict[str, Any], file: Enclosed | None) -> str:
        if file:
            told = await self._api.post_form(self._bot + method, await _form(body, file))
        else:
            told = await self._api.post(self._bot + method, body)
        message_id = identifier(mapping(mapping(told).get("result")).get("message_id"))
        if not message_id:
            raise SendFailed("no_id", "unclear")
        return f"{body['chat_id']}.{message_id}"

    async def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        told = mapping(await self._api.get(f"{self._bot}getFile?{urlencode({'file_id': source['file_id']})}"))
        path = text(mapping(told.get("result")).get("file_path"))
        if not path:
            raise FetchFailed("no_address", "temporary")
        async for part in self._api.download(self._api_url + self._files + quote(path), most, signed=False):
            yield part

    async def show_typing(self, contact: str, _external_id: str) -> None:
        try:
            await self._api.post(self._bot + "sendChatAction", {"chat_id": contact, "action": "typing"})
        except SendFailed as failure:
            log.info("telegram.no_typing", why=failure.why)

    async def connect(self, url: str) -> str:
        hook = {"url": url, "secret_token": self._secret.decode(), "allowed_updates": KINDS}
        await self._api.post(self._bot + "setWebhook", hook)
        for language in LANGUAGES:
            command = {"command": say(language, "human_command"), "description": say(language, "ask_human")}
            menu = {"commands": [command], "language_code": language}
            await self._api.post(self._bot + "setMyCommands", menu)
        return f"Telegram delivers to {url}, and the bot's menu calls a person."

    async def examine(self, url: str) -> tuple[list[Finding], int | None]:
        me, hook = await self._api.ask(self._bot + "getMe"), await self._api.ask(self._bot + "getWebhookInfo")
        findings = [token(me, "TELEGRAM_TOKEN", f"@{text(_result(me).get('username'))}")]
        if hook.status == 200:
            told = _result(hook)
            findings.append(delivers(text(told.get("url")), url, "run: make connect-channel CHANNEL=telegram"))
            if trouble := text(told.get("last_error_message")):
                remedy = "that is Telegram's word on its last try; if it goes on, look at the proxy in front of the hub"
                findings.append(Finding(None, f"the last delivery failed: {trouble[:200]}", remedy))
        return findings, me.at

    async def close(self) -> None:
        await self._api.close()


def _id(contact: str, message: dict[str, Any]) -> str:
    """Telegram numbers the messages of each chat."""
    return f"{contact}.{identifier(message.get('message_id'))}"[:200]


def _name(held: dict[str, Any]) -> str | None:
    sender = mapping(held.get("from"))
    names = (text(sender.get(key)) for key in ("first_name", "last_name"))
    return " ".join(name for name in names if name)[:120] or None


def _command(words: str) -> tuple[Command | None, str]:
    found = _COMMAND.fullmatch(words.strip()) if words.startswith("/") else None
    return (_COMMANDS.get(found[1].lower()), found[2] or "") if found else (None, "")


def _title(message: dict[str, Any], data: str) -> str:
    """What is written on the button with this data."""
    rows = mapping(message.get("reply_markup")).get("inline_keyboard")
    keys = (key for row in (rows if isinstance(rows, list) else []) for key in mappings(row))
    return next((text(key.get("text")) for key in keys if key.get("callback_data") == data), "")


def _attachments(held: dict[str, Any]) -> tuple[Remote | Place | Card, ...]:
    if place := mapping(held.get("location")):
        latitude, longitude = number(place.get("latitude")), number(place.get("longitude"))
        title = text(mapping(held.get("venue")).get("title"))[:120] or None
        return (Place(latitude, longitude, title),) if latitude is not None and longitude is not None else ()
    if card := mapping(held.get("contact")):
        names = " ".join(text(card.get(key)) for key in ("first_name", "last_name")).strip()
        return (Card(names[:120], (text(card.get("phone_number"))[:40],)),)
    for name, kind in _FILES.items():
        if found := _file(held.get(name)):
            mime = text(found.get("mime_type"))[:100] or {"image": "image/jpeg"}.get(kind, "")
            source = {"file_id": text(found.get("file_id"))[:300]}
            return (Remote(kind, source, text(found.get("file_name"))[:200], mime),)
    return ()


def _file(told: Any) -> dict[str, Any]:
    """The file; of a photo the largest of its sizes."""
    if isinstance(told, list):
        return max(mappings(told), key=lambda one: number(one.get("width")) or 0, default={})
    return mapping(told)


def _method(file: Enclosed) -> tuple[str, str]:
    method, field = _METHODS.get(file.kind, ("sendDocument", "document"))
    if method == "sendPhoto" and (file.mime not in _PHOTOS or file.size > MAX_PHOTO):
        return "sendDocument", "document"
    return method, field


async def _form(body: Mapping[str, Any], file: Enclosed) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in body.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    held = await asyncio.to_thread(file.file.read_bytes)
    form.add_field(_method(file)[1], held, filename=file.name, content_type=file.mime)
    return form


def _result(reply: Reply) -> dict[str, Any]:
    return mapping(mapping(reply.told).get("result"))


def _failure(told: Any) -> SendFailed | None:
    """Telegram's own codes are those of HTTP."""
    code = mapping(told).get("error_code")
    wait = number(mapping(mapping(told).get("parameters")).get("retry_after"))
    if not isinstance(code, int) or code >= 500:
        return None
    if code == 429:
        return SendFailed("telegram:429", "temporary", wait)
    return SendFailed(f"telegram:{code}", "gone" if code == 403 else "permanent")
