"""Messenger Platform: a Facebook page's messages, and by inheritance Instagram's. Facts and limits:
developers.facebook.com/docs/messenger-platform (read July 2026)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import aiohttp
import structlog

from handoff_server.attachment import Enclosed, FileKind, Place, Remote
from handoff_server.channels.channel import TAKEN, Ignored, SendFailed, Told
from handoff_server.channels.finding import Finding, delivers, token
from handoff_server.channels.lenient import (
    fingerprint,
    identifier,
    loads,
    mapping,
    mappings,
    milliseconds,
    number,
    text,
)
from handoff_server.channels.meta import WHERE, Door, Name, failure, ours
from handoff_server.channels.parts import Parts
from handoff_server.channels.post import Api
from handoff_server.rendering import Limits, characters, lines, split
from handoff_server.service.deletion import Deletion
from handoff_server.service.intake import Arrival, Command
from handoff_server.service.revisions import Reaction
from handoff_server.service.sends import DeliveryReport, Outgoing, Watermark
from handoff_server.settings import Settings
from handoff_server.texts import LANGUAGES, say

log = structlog.get_logger()
# Codes of messages that were surely not taken; and of customers whom nothing reaches any more.
_TEMPORARY: dict[int, float | None] = dict.fromkeys((4, 17, 32, 613, 1200, 80006))
_GONE = {551, 1545041}
_HOSTS = ("fbsbx.com", "fbcdn.net", "facebook.com", "cdninstagram.com")
_FILES: dict[str, FileKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "file": "document",
    "sticker": "sticker",
    "animated_image": "image",
    "story_mention": "image",
}
_COMMANDS: dict[str, Command] = {"GET_STARTED": "start", "HUMAN": "human"}
_THREAD = ("pass_thread_control", "take_thread_control", "request_thread_control", "app_roles", "optin")
_UPLOADS = {"image": "image", "video": "video", "audio": "audio", "voice": "audio"}
_REF = "ref:"  # who has pressed something on a site and has no id in the chat yet


def set_up(settings: Settings) -> "Messenger":
    return Messenger(
        settings.messenger_page_id,
        settings.messenger_token.get_secret_value(),
        settings.messenger_app_secret.get_secret_value(),
        settings.messenger_verify_token.get_secret_value(),
        settings.messenger_api_url,
    )


class Messenger:
    name = "messenger"
    limits = Limits(text=2000, body=2000, most=13, title=20)
    typing_s = 20.0
    _width: Callable[[str], int] = staticmethod(characters)

    def __init__(self, account: str, token: str, app_secret: str, verify_token: str, api_url: str) -> None:
        """`account` is the page's id."""
        self.account = account
        self._door = Door(self.name, app_secret, verify_token)
        self.challenge, self.verify = self._door.challenge, self._door.verify
        self._api = Api(api_url, token, lambda told: failure(self.name, told, _TEMPORARY, _GONE), _HOSTS)
        self._parts = Parts()

    # what comes

    def read(self, body: bytes) -> list[Told]:
        return [told for event, overheard in _events(loads(body)) for told in self._told(event, overheard)]

    def answer(self, _told: Sequence[Told]) -> tuple[str, bytes]:
        return TAKEN

    def _left_out(self, what: str) -> Ignored:
        return Ignored(self.name, what[:60])

    def _told(self, event: dict[str, Any], overheard: bool) -> Iterator[Told]:
        message = mapping(event.get("message"))
        sender, recipient = mapping(event.get("sender")), mapping(event.get("recipient"))
        if message.get("is_echo") is True or identifier(sender.get("id")) == self.account:
            yield self._echo(message)
            return
        contact = identifier(sender.get("id")) or _unknown(text(sender.get("user_ref")))
        if not contact:
            yield self._left_out("nobody's event")
        elif identifier(recipient.get("id")) != self.account:
            yield self._left_out("other account")
        else:
            yield from self._from(contact[:120], event, message, overheard)

    def _echo(self, message: dict[str, Any]) -> Told:
        """What the page said. If it was we, that is proof of it; in no case is it the customer's."""
        post, mid = ours(text(message.get("metadata"))), text(message.get("mid"))[:200]
        if post.message_id is None or post.more_follow or not mid:
            return self._left_out("echo")
        return DeliveryReport(self.name, self.account, mid, post.message_id, "sent", None, post.posted_at)

    def _from(self, contact: str, event: dict[str, Any], message: dict[str, Any], overheard: bool) -> Iterator[Told]:
        said_at = milliseconds(event.get("timestamp"))
        if message:
            yield self._message(contact, message, said_at, overheard)
        elif postback := mapping(event.get("postback")):
            yield self._postback(contact, postback, event, said_at, overheard)
        elif edit := mapping(event.get("message_edit")):
            mid, words = text(edit.get("mid"))[:200], text(edit.get("text"))
            yield self._arrival(contact, mid, words, kind="edit", said_at=said_at, edited_at=said_at or 1)
        elif reaction := mapping(event.get("reaction")):
            given = reaction.get("action") != "unreact"
            emoji = text(reaction.get("emoji")) or text(reaction.get("reaction")) if given else ""
            yield Reaction(self.name, self.account, text(reaction.get("mid"))[:200], emoji or None)
        elif referral := mapping(event.get("referral")):
            yield self._arrival(
                contact,
                f"referral.{fingerprint(event)}",
                "[referral]",
                kind="referral",
                said_at=said_at,
                command="start",
                overheard=overheard,
                referral=_referral(referral),
            )
        else:
            yield from self._seen(contact, event)

    def _seen(self, contact: str, event: dict[str, Any]) -> Iterator[Told]:
        """How far our messages have come."""
        for name, delivery in (("delivery", "delivered"), ("read", "read")):
            told = mapping(event.get(name))
            if until := milliseconds(told.get("watermark")):
                yield Watermark(self.name, self.account, contact, delivery, until)
            elif mid := text(told.get("mid"))[:200]:
                yield DeliveryReport(self.name, self.account, mid, None, delivery)
            elif told:
                yield self._left_out(name)
        if not {"delivery", "read"} & event.keys():
            rest = next((one for one in event if one not in ("sender", "recipient", "timestamp")), "nothing")
            yield self._left_out("thread control" if rest in _THREAD else rest)

    def _message(self, contact: str, message: dict[str, Any], said_at: int | None, overheard: bool) -> Told:
        mid = text(message.get("mid"))[:200] or f"message.{fingerprint([contact, said_at, message])}"
        if message.get("is_deleted") is True:
            return Deletion(self.name, self.account, mid)
        pressed = text(mapping(message.get("quick_reply")).get("payload"))
        attachments, kinds = _attachments(message)
        words = text(message.get("text"))
        if not words and not attachments:
            words = " ".join(f"[{kind}]" for kind in kinds) or "[other]"
        quoted = mapping(message.get("reply_to"))
        story = mapping(quoted.get("story"))
        return self._arrival(
            contact,
            mid,
            words,
            pressed,
            attachments=attachments,
            kind="quick_reply" if pressed else (kinds[0] if kinds else "text" if words != "[other]" else "other")[:40],
            said_at=said_at,
            quoted=text(quoted.get("mid"))[:200] or None,
            overheard=overheard,
            referral={"source": "story"} if story else _referral(mapping(message.get("referral"))),
        )

    def _postback(
        self, contact: str, postback: dict[str, Any], event: dict[str, Any], said_at: int | None, overheard: bool
    ) -> Told:
        payload = text(postback.get("payload"))
        return self._arrival(
            contact,
            text(postback.get("mid"))[:200] or f"postback.{fingerprint(event)}",
            text(postback.get("title")) or payload,
            payload,
            kind="postback",
            said_at=said_at,
            command=_COMMANDS.get(payload),
            overheard=overheard,
            referral=_referral(mapping(postback.get("referral"))),
        )

    def _arrival(self, contact: str, mid: str, words: str, pressed: str = "", **more: Any) -> Arrival:
        return Arrival(self.name, self.account, contact, None, mid, words, pressed[:200] or None, **more)

    # what leaves

    async def send(self, outgoing: Outgoing) -> str:
        file = outgoing.attachments[0] if outgoing.attachments else None
        bodies = self.render(outgoing)
        posts = [partial(self._post, body, file if place == 0 else None) for place, body in enumerate(bodies)]
        return await self._parts.send(outgoing.message_id, posts)

    def render(self, outgoing: Outgoing) -> list[dict[str, Any]]:
        """The bodies to post, in order; a file belongs to the first."""
        words = lines(outgoing.text, outgoing.buttons) if outgoing.form == "lines" else outgoing.text
        messages = [self._enclosing(one) for one in outgoing.attachments]
        if words or not messages:
            messages += [{"text": part} for part in split(words, self.limits.text, self._width)]
        if outgoing.buttons and outgoing.form != "lines":
            messages[-1]["quick_replies"] = [
                {"content_type": "text", "title": one["title"], "payload": one["id"]} for one in outgoing.buttons
            ]
        how = {"messaging_type": "RESPONSE"}
        if outgoing.way == "human_agent":
            how = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        for place, message in enumerate(messages, 1):
            message["metadata"] = str(Name(outgoing.message_id, outgoing.posted_at, place < len(messages)))
        return [{"recipient": _recipient(outgoing.to), **how, "message": message} for message in messages]

    def _enclosing(self, file: Enclosed) -> dict[str, Any]:
        return {"attachment": {"type": _UPLOADS.get(file.kind, "file"), "payload": {"is_reusable": False}}}

    async def _post(self, body: dict[str, Any], file: Enclosed | None) -> str:
        path = f"/{self.account}/messages"
        if file and "url" not in body["message"]["attachment"]["payload"]:
            told = await self._api.post_form(path, await _form(body, file))
        else:
            told = await self._api.post(path, body)
        if not (mid := text(mapping(told).get("message_id"))):
            raise SendFailed("no_id", "unclear")
        return mid

    async def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        async for part in self._api.download(str(source["url"]), most, signed=False):
            yield part

    async def show_typing(self, contact: str, _external_id: str) -> None:
        try:
            for action in ("mark_seen", "typing_on"):
                body = {"recipient": _recipient(contact), "sender_action": action}
                await self._api.post(f"/{self.account}/messages", body)
        except SendFailed as why:
            log.info("messenger.no_typing", why=why.why)

    async def connect(self, _url: str) -> str:
        locales = {"default": LANGUAGES[0], "en_US": "en", "en_GB": "en"}
        menu = [{"locale": one, "call_to_actions": [_menu_entry(language)]} for one, language in locales.items()]
        await self._api.post(f"/{self.account}/messenger_profile", self._profile(menu))
        return "The menu calls a person. The webhook itself is set in Meta's App Dashboard."

    def _profile(self, menu: list[dict[str, Any]]) -> dict[str, Any]:
        return {"get_started": {"payload": "GET_STARTED"}, "persistent_menu": menu}

    async def examine(self, url: str) -> tuple[list[Finding], int | None]:
        me = await self._api.ask("/me?fields=id,name,username")
        told = mapping(me.told)
        setting = f"{self.name.upper()}_TOKEN"
        findings = [token(me, setting, text(told.get("name")) or text(told.get("username")))]
        if me.status == 200:
            apps = await self._api.ask(f"/{self.account}/subscribed_apps")
            fields = {one for app in mappings(mapping(apps.told).get("data")) for one in _strings(app)}
            heard = "messages" in fields
            what = "the page's messages are subscribed to" if heard else "nobody subscribes to the page's messages"
            findings.append(Finding(heard if apps.status == 200 else None, what, "" if heard else WHERE))
            findings.append(delivers(None, url, WHERE))
        return findings, me.at

    async def close(self) -> None:
        await self._api.close()


def _strings(app: dict[str, Any]) -> list[str]:
    fields = app.get("subscribed_fields")
    return [one for one in fields if isinstance(one, str)] if isinstance(fields, list) else []


def _menu_entry(language: str) -> dict[str, str]:
    return {"type": "postback", "title": say(language, "ask_human")[:30], "payload": "HUMAN"}


def _events(body: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every event of every envelope, and whether another application answers it."""
    for entry in mappings(mapping(body).get("entry")):
        yield from ((event, False) for event in mappings(entry.get("messaging")))
        yield from ((event, True) for event in mappings(entry.get("standby")))
        for change in mappings(entry.get("changes")):
            yield mapping(change.get("value")), change.get("field") == "standby"


def _unknown(user_ref: str) -> str:
    return _REF + user_ref if user_ref else ""


def _recipient(to: str) -> dict[str, str]:
    return {"user_ref": to.removeprefix(_REF)} if to.startswith(_REF) else {"id": to}


def _referral(told: dict[str, Any]) -> dict[str, str] | None:
    if not told:
        return None
    title = text(mapping(told.get("ads_context_data")).get("ad_title"))
    facts = {"title": title, "ref": text(told.get("ref")) or identifier(told.get("ad_id"))}
    source = "ad" if text(told.get("source")).upper() == "ADS" else "link"
    return {"source": source} | {name: value[:200] for name, value in facts.items() if value}


def _attachments(message: dict[str, Any]) -> tuple[tuple[Remote | Place, ...], list[str]]:
    """The files that can be fetched, and the kinds of all that came."""
    found: list[Remote | Place] = []
    kinds = []
    for one in mappings(message.get("attachments"))[:10]:
        kind, payload = text(one.get("type")) or "other", mapping(one.get("payload"))
        as_kind = "sticker" if payload.get("sticker_id") else kind
        kinds.append(as_kind[:40])
        at = mapping(payload.get("coordinates"))
        latitude, longitude = number(at.get("lat")), number(at.get("long"))
        if latitude is not None and longitude is not None:
            found.append(Place(latitude, longitude, text(one.get("title"))[:120] or None))
        elif as_kind in _FILES and (url := text(payload.get("url"))[:2000]):
            found.append(Remote(_FILES[as_kind], {"url": url}))
    return tuple(found), kinds


async def _form(body: Mapping[str, Any], file: Enclosed) -> aiohttp.FormData:
    form = aiohttp.FormData()
    for name, value in body.items():
        form.add_field(name, value if isinstance(value, str) else json.dumps(value))
    held = await asyncio.to_thread(file.file.read_bytes)
    form.add_field("filedata", held, filename=file.name, content_type=file.mime)
    return form
