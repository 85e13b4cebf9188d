"""WhatsApp Business Cloud API. Facts and limits: developers.facebook.com/docs/whatsapp/cloud-api (read July 2026)."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from aiohttp import FormData

from handoff_server.attachment import Card, Enclosed, Place, Remote
from handoff_server.channels.channel import TAKEN, FetchFailed, Ignored, SendFailed, Told
from handoff_server.channels.finding import Finding, delivers, token
from handoff_server.channels.lenient import identifier, loads, mapping, mappings, milliseconds, number, text
from handoff_server.channels.meta import WHERE, Door, Name, failure, ours
from handoff_server.channels.parts import Parts
from handoff_server.channels.post import Api
from handoff_server.channels.whatsapp_files import taken_as
from handoff_server.rendering import Limits, lines, split
from handoff_server.service.contacts import Moved
from handoff_server.service.deletion import Deletion
from handoff_server.service.intake import Arrival
from handoff_server.service.revisions import Reaction
from handoff_server.service.sends import DeliveryReport, Outgoing
from handoff_server.settings import Settings
from handoff_server.texts import LANGUAGES, say

log = structlog.get_logger()
# Error codes of messages that were surely not taken, with the seconds to wait where Meta names them.
_TEMPORARY: dict[int, float | None] = dict.fromkeys((4, 80007, 130429, 131048, 131016, 133004)) | {131056: 6}
# Where Meta keeps what customers send: `GET /<media-id>` names an address there, good for five minutes.
_HOSTS = ("fbsbx.com", "facebook.com", "whatsapp.net")
_DELIVERIES = ("sent", "delivered", "read", "failed")
_FILES = {"image": "image", "video": "video", "audio": "audio", "document": "document", "sticker": "sticker"}
# Neither words of the customer nor anything that an agent must see.
_SILENT = {"system", "ephemeral", "request_welcome"}


def set_up(settings: Settings) -> "WhatsApp":
    return WhatsApp(
        settings.whatsapp_phone_number_id,
        settings.whatsapp_token.get_secret_value(),
        settings.whatsapp_app_secret.get_secret_value(),
        settings.whatsapp_verify_token.get_secret_value(),
        settings.whatsapp_api_url,
    )


class WhatsApp:
    name = "whatsapp"
    limits = Limits(text=4096, body=1024, most=3, title=20, most_rows=10, row_title=24)
    typing_s = 25.0

    def __init__(self, account: str, token: str, app_secret: str, verify_token: str, api_url: str) -> None:
        """`account` is the phone number id."""
        self.account = account
        self._door = Door(self.name, app_secret, verify_token)
        self.challenge, self.verify = self._door.challenge, self._door.verify
        self._api = Api(api_url, token, lambda told: failure(self.name, told, _TEMPORARY, set()), _HOSTS)
        self._parts = Parts()

    # what comes

    def read(self, body: bytes) -> list[Told]:
        return [told for field, value in _changes(loads(body)) for told in self._told(field, value)]

    def answer(self, _told: Sequence[Told]) -> tuple[str, bytes]:
        return TAKEN

    def _told(self, field: str, value: dict[str, Any]) -> Iterator[Told]:
        echoes = mappings(value.get("message_echoes"))
        yield from (self._left_out("echo") for _ in echoes)
        if field != "messages":
            if not echoes:
                yield self._left_out(f"field {field}")
            return
        if mapping(value.get("metadata")).get("phone_number_id") != self.account:
            yield self._left_out("other account")
            return
        people = _people(value)
        yield from (self._message(raw, people) for raw in mappings(value.get("messages")))
        yield from (self._status(raw) for raw in mappings(value.get("statuses")))
        yield from (self._left_out("call") for _ in mappings(value.get("calls")))
        yield from (self._left_out(f"error {identifier(raw.get('code'))}") for raw in mappings(value.get("errors")))

    def _left_out(self, what: str) -> Ignored:
        return Ignored(self.name, what[:60])

    def _message(self, raw: dict[str, Any], people: Mapping[str, "_Person"]) -> Told:
        phone, kind = text(raw.get("from")), text(raw.get("type"))
        person = people.get(text(raw.get("from_user_id"))) or people.get(phone)
        lasting = text(raw.get("from_user_id")) or (person.user_id if person else "")
        contact, external_id = lasting or phone, text(raw.get("id"))
        if raw.get("group_id"):
            return self._left_out("group")
        if not contact or not external_id:
            return self._left_out("nobody's message")
        if kind == "reaction":
            reaction = mapping(raw.get("reaction"))
            emoji = text(reaction.get("emoji")) or None
            return Reaction(self.name, self.account, text(reaction.get("message_id"))[:200], emoji)
        if kind == "revoke":
            taken_back = text(mapping(raw.get("revoke")).get("original_message_id"))
            return Deletion(self.name, self.account, taken_back[:200])
        if kind == "system":
            return self._system(contact, mapping(raw.get("system")))
        known = (contact[:120], person.name if person else None)
        return self._arrival(raw, kind, known, phone[:120] if lasting and phone else None)

    def _arrival(
        self, raw: dict[str, Any], kind: str, known: tuple[str, str | None], address: str | None
    ) -> Arrival | Ignored:
        external_id, edited_at = text(raw.get("id")), None
        said_at = milliseconds(raw.get("timestamp"), 1000)
        if kind == "edit":
            edit = mapping(raw.get("edit"))
            external_id, edited_at = text(edit.get("original_message_id")), said_at or 1
            raw = mapping(edit.get("message"))
            kind = text(raw.get("type"))
        if kind in ("ephemeral", "") or not external_id:
            return self._left_out(f"type {kind}")
        words, button_id = _said(kind, raw)
        return Arrival(
            self.name,
            self.account,
            *known,
            external_id[:200],
            words,
            button_id,
            attachments=_attachments(kind, raw),
            kind=kind[:40],
            address=address,
            command="start" if kind == "request_welcome" else None,
            said_at=said_at,
            quoted=text(mapping(raw.get("context")).get("id"))[:200] or None,
            edited_at=edited_at,
            referral=_referral(mapping(raw.get("referral"))),
        )

    def _system(self, contact: str, system: dict[str, Any]) -> Told:
        """A customer has another number from now on, or another lasting id."""
        address, to = text(system.get("wa_id")) or text(system.get("new_wa_id")), text(system.get("user_id"))
        if not address and not to:
            return self._left_out(f"system {text(system.get('type'))}")
        return Moved(self.name, self.account, contact[:120], to[:120] or None, address[:120] or None)

    def _status(self, raw: dict[str, Any]) -> Told:
        external_id, delivery = text(raw.get("id")), text(raw.get("status"))
        if raw.get("recipient_type") == "group":
            return self._left_out("status of a group")
        if not external_id or delivery not in _DELIVERIES:
            return self._left_out(f"status {delivery}")
        post = ours(text(raw.get("biz_opaque_callback_data")))
        if post.more_follow and delivery != "failed":
            return self._left_out("status of a part")
        errors = mappings(raw.get("errors"))
        error = f"whatsapp:{identifier(errors[0].get('code'))}"[:80] if errors else None
        return DeliveryReport(
            self.name, self.account, external_id[:200], post.message_id, delivery, error, post.posted_at
        )

    # what leaves

    async def send(self, outgoing: Outgoing) -> str:
        file = outgoing.attachments[0] if outgoing.attachments else None
        bodies = self.render(outgoing)
        posts = [partial(self._post, body, file if place == 0 else None) for place, body in enumerate(bodies)]
        return await self._parts.send(outgoing.message_id, posts)

    def render(self, outgoing: Outgoing) -> list[dict[str, Any]]:
        """The bodies to post, in order; the id of a file, which is uploaded first, is still missing in the first."""
        contents = _contents(outgoing, self.limits)
        return [
            _addressed(outgoing.to)
            | {"biz_opaque_callback_data": str(Name(outgoing.message_id, outgoing.posted_at, place < len(contents)))}
            | content
            for place, content in enumerate(contents, 1)
        ]

    async def _post(self, body: dict[str, Any], file: Enclosed | None) -> str:
        if file:
            kind = body["type"]
            body = body | {kind: {"id": await self._upload(file), **body[kind]}}
        answer = await self._api.post(f"/{self.account}/messages", body)
        messages = mappings(mapping(answer).get("messages"))
        if not messages or not isinstance(messages[0].get("id"), str):
            raise SendFailed("no_id", "unclear")
        return str(messages[0]["id"])

    async def _upload(self, file: Enclosed) -> str:
        """The id of the file, which reaches nobody yet."""
        _kind, mime = taken_as(file)
        form = FormData({"messaging_product": "whatsapp", "type": mime})
        with file.file.open("rb") as content:
            form.add_field("file", content, filename=file.name, content_type=mime)
            told = mapping(await self._api.upload(f"/{self.account}/media", form))
        if not isinstance(media_id := told.get("id"), str):
            raise SendFailed("no_media_id", "temporary")
        return media_id

    async def fetch(self, source: Mapping[str, Any], most: int) -> AsyncIterator[bytes]:
        told = mapping(await self._api.get(f"/{source['id']}?phone_number_id={self.account}"))
        if not isinstance(url := told.get("url"), str):
            raise FetchFailed("no_address", "temporary")
        size = told.get("file_size")
        if isinstance(size, int) and size > most:
            raise FetchFailed("media_too_large", "refused")
        async for part in self._api.download(url, most):
            yield part

    async def show_typing(self, _contact: str, external_id: str) -> None:
        body = {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": external_id,
            "typing_indicator": {"type": "text"},
        }
        try:
            await self._api.post(f"/{self.account}/messages", body)
        except SendFailed as why:
            log.info("whatsapp.no_typing", why=why.why)

    async def connect(self, _url: str) -> str:
        commands = [
            {"command_name": say(language, "human_command"), "command_description": say(language, "ask_human")}
            for language in LANGUAGES
        ]
        body = {"enable_welcome_message": True, "commands": commands}
        await self._api.post(f"/{self.account}/conversational_automation", body)
        return "The commands that call a person are set. The webhook itself is set in Meta's App Dashboard."

    async def examine(self, url: str) -> tuple[list[Finding], int | None]:
        me = await self._api.ask(f"/{self.account}?fields=display_phone_number,verified_name,webhook_configuration")
        told = mapping(me.told)
        name = f"{text(told.get('verified_name'))} {text(told.get('display_phone_number'))}".strip()
        findings = [token(me, "WHATSAPP_TOKEN", name)]
        if me.status == 200:
            hook = mapping(told.get("webhook_configuration"))
            address = hook.get("phone_number") or hook.get("whatsapp_business_account") or hook.get("application")
            findings.append(delivers(address, url, WHERE))
        return findings, me.at

    async def close(self) -> None:
        await self._api.close()


class _Person:
    def __init__(self, contact: dict[str, Any]) -> None:
        self.user_id = text(contact.get("user_id"))
        self.name = text(mapping(contact.get("profile")).get("name"))[:120] or None


def _changes(body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in mappings(mapping(body).get("entry")):
        for change in mappings(entry.get("changes")):
            yield text(change.get("field")), mapping(change.get("value"))


def _people(value: dict[str, Any]) -> dict[str, _Person]:
    """Who the senders are, by each of their ids."""
    found: dict[str, _Person] = {}
    for contact in mappings(value.get("contacts")):
        person = _Person(contact)
        found |= {one: person for key in ("wa_id", "user_id") if (one := text(contact.get(key)))}
    return found


def _said(kind: str, raw: dict[str, Any]) -> tuple[str, str | None]:
    """Text and pressed button of a message of any kind."""
    held = mapping(raw.get(kind))
    if kind == "text":
        return text(held.get("body")), None
    if kind == "interactive":
        reply = mapping(held.get("button_reply")) or mapping(held.get("list_reply")) or mapping(held.get("nfm_reply"))
        return text(reply.get("title")) or text(reply.get("body")), text(reply.get("id")) or None
    if kind == "button":  # of a template
        return text(held.get("text")), text(held.get("payload")) or None
    if kind == "order":
        return f"[order] {_ordered(held)}".strip(), None
    if kind in _FILES or kind in ("location", "contacts"):
        return text(held.get("caption")), None
    return f"[{kind if kind in ('unsupported', 'request_welcome') else 'other'}]", None


def _ordered(order: dict[str, Any]) -> str:
    items = [
        f"{identifier(one.get('quantity'))} x {identifier(one.get('product_retailer_id'))}"
        for one in mappings(order.get("product_items"))[:20]
    ]
    return " ".join(part for part in (text(order.get("text")), ", ".join(items)) if part)


def _attachments(kind: str, raw: dict[str, Any]) -> tuple[Remote | Place | Card, ...]:
    if kind == "contacts":
        return tuple(_card(one) for one in mappings(raw.get("contacts"))[:10])
    held = mapping(raw.get(kind))
    if kind == "location":
        latitude, longitude = number(held.get("latitude")), number(held.get("longitude"))
        named_so = ", ".join(part for part in (text(held.get("name")), text(held.get("address"))) if part)[:200] or None
        return (Place(latitude, longitude, named_so),) if latitude is not None and longitude is not None else ()
    if kind not in _FILES or not (media_id := identifier(held.get("id"))):
        return ()
    as_kind: Any = "voice" if kind == "audio" and held.get("voice") is True else _FILES[kind]
    return (
        Remote(as_kind, {"id": media_id[:80]}, text(held.get("filename"))[:200], text(held.get("mime_type"))[:100]),
    )


def _card(contact: dict[str, Any]) -> Card:
    phones = tuple(text(one.get("phone"))[:40] for one in mappings(contact.get("phones"))[:5] if one.get("phone"))
    return Card(text(mapping(contact.get("name")).get("formatted_name"))[:120], phones)


def _referral(told: dict[str, Any]) -> dict[str, str] | None:
    facts = {"title": text(told.get("headline")), "ref": text(told.get("source_url"))}
    return {"source": "ad"} | {name: value[:200] for name, value in facts.items() if value} if told else None


def _addressed(to: str) -> dict[str, Any]:
    """Who hides the phone number is known by a business-scoped id, which has its own field."""
    field = "to" if to.isdigit() else "recipient"
    return {"messaging_product": "whatsapp", "recipient_type": "individual", field: to}


def _contents(outgoing: Outgoing, limits: Limits) -> list[dict[str, Any]]:
    if outgoing.template:
        return [_template(outgoing.template)]
    if outgoing.buttons and outgoing.form != "lines":
        return [_interactive(outgoing)]
    whole = lines(outgoing.text, outgoing.buttons)
    files = [_file(one, whole) for one in outgoing.attachments]
    if files and (not whole or "caption" in files[0][files[0]["type"]]):
        return files
    return [*files, *({"type": "text", "text": {"body": part}} for part in split(whole, limits.text))]


def _file(file: Enclosed, words: str) -> dict[str, Any]:
    """Words stand under the file, where it can have any and they are short enough."""
    kind, _mime = taken_as(file)
    about = {"filename": file.name} if kind == "document" else {}
    return {
        "type": kind,
        kind: about | ({"caption": words} if words and kind != "audio" and len(words) <= 1024 else {}),
    }


def _interactive(outgoing: Outgoing) -> dict[str, Any]:
    shown = [{"id": one["id"], "title": one["title"]} for one in outgoing.buttons]
    action: dict[str, Any] = {"buttons": [{"type": "reply", "reply": one} for one in shown]}
    kind = "button"
    if outgoing.form == "list":
        kind, action = "list", {"button": say(outgoing.language, "choose"), "sections": [{"rows": shown}]}
    held = {"type": kind, "body": {"text": outgoing.text}, "action": action}
    return {"type": "interactive", "interactive": held}


def _template(template: Mapping[str, Any]) -> dict[str, Any]:
    values = [{"type": "text", "text": value} for value in template["values"]]
    components = [{"type": "body", "parameters": values}] if values else []
    held = {"name": template["name"], "language": {"code": template["language"]}, "components": components}
    return {"type": "template", "template": held}
