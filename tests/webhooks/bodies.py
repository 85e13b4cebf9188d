"""Webhook bodies from files, made into deliveries to this hub: addressed to it, with ids of their own, and signed.

Examples of platforms and of libraries use the same few ids over and over. Each file is to be a world of its own, or
most of them would rightly be taken for repetitions of each other.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from handoff_server.settings import Settings
from tests.fakes import signatures

Body = dict[str, Any]
CHANNELS = {"twilio": "twilio_whatsapp"}  # folder → channel, where they differ
_MANY = 1_000_000


@dataclass(frozen=True)
class Delivery:
    """One POST to `/webhooks/<channel>`."""

    name: str
    channel: str
    raw: bytes
    headers: dict[str, str]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.raw).hexdigest()


def deliveries(folder: Path, settings: Settings) -> Iterator[Delivery]:
    """Every `<platform>/*.json` in the folder, in one order."""
    for number, path in enumerate(sorted(folder.glob("*/*.json"))):
        channel = CHANNELS.get(path.parent.name, path.parent.name)
        raw = path.read_bytes()
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        if isinstance(body, dict) and channel in _ADDRESS:
            _ADDRESS[channel](body, settings, number + 1)
            raw = _raw(channel, body)
        headers = signed(channel, raw, settings)
        yield Delivery(f"{path.parent.name}/{path.name}", channel, raw, headers)


def signed(channel: str, raw: bytes, settings: Settings) -> dict[str, str]:
    """The headers with which the platform would deliver this very body."""
    if channel == "telegram":
        return _JSON | {"X-Telegram-Bot-Api-Secret-Token": settings.telegram_secret.get_secret_value()}
    if channel == "twilio_whatsapp":
        url, key = f"{settings.address}/webhooks/{channel}", settings.twilio_auth_token.get_secret_value()
        return _FORM | {"X-Twilio-Signature": signatures.twilio(raw, key, url)}
    secret = getattr(settings, f"{channel}_app_secret", None)
    if secret is None:
        return _JSON
    return _JSON | {"X-Hub-Signature-256": signatures.meta(raw, secret.get_secret_value())}


_JSON = {"Content-Type": "application/json"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _raw(channel: str, body: Body) -> bytes:
    return urlencode(body).encode() if channel == "twilio_whatsapp" else json.dumps(body).encode()


def _whatsapp(body: Body, settings: Settings, number: int) -> None:
    for value in _values(body):
        if isinstance(value.get("metadata"), dict):
            value["metadata"]["phone_number_id"] = settings.whatsapp_phone_number_id
        for message in _dicts(value.get("messages")):
            _rename(message, "id", number)
            if isinstance(message.get("edit"), dict):
                _rename(message["edit"], "original_message_id", number)


def _of_a_page(account: str) -> Callable[[Body, Settings, int], None]:
    def address(body: Body, settings: Settings, number: int) -> None:
        ours = getattr(settings, account)
        for entry in _dicts(body.get("entry")):
            entry["id"] = ours
            events = [*_dicts(entry.get("messaging")), *_dicts(entry.get("standby"))]
            changed = (change.get("value") for change in _dicts(entry.get("changes")))
            for event in [*events, *_dicts(list(changed))]:
                _address_event(event, ours, number)

    return address


def _address_event(event: Body, ours: str, number: int) -> None:
    is_echo = isinstance(event.get("message"), dict) and event["message"].get("is_echo") is True
    side = "sender" if is_echo else "recipient"
    if isinstance(event.get(side), dict):
        event[side]["id"] = ours
    for kind in ("message", "postback", "message_edit"):
        if isinstance(event.get(kind), dict):
            _rename(event[kind], "mid", number)


def _telegram(body: Body, _settings: Settings, number: int) -> None:
    for held in body.values():
        if not isinstance(held, dict):
            continue
        _rename(held, "id", number)
        if isinstance(held.get("message_id"), int):
            held["message_id"] += number * _MANY


def _twilio_form(body: Body, settings: Settings, number: int) -> None:
    for name in ("MessageSid", "SmsMessageSid"):
        _rename(body, name, number)
    if "To" in body:
        body["To"] = f"whatsapp:{settings.twilio_number}"


_ADDRESS: dict[str, Callable[[Body, Settings, int], None]] = {
    "whatsapp": _whatsapp,
    "messenger": _of_a_page("messenger_page_id"),
    "instagram": _of_a_page("instagram_account_id"),
    "telegram": _telegram,
    "twilio_whatsapp": _twilio_form,
}


def _rename(held: Body, key: str, number: int) -> None:
    if isinstance(held.get(key), str):
        held[key] = f"{held[key]}.{number}"


def _values(body: Body) -> Iterator[Body]:
    for entry in _dicts(body.get("entry")):
        for change in _dicts(entry.get("changes")):
            if isinstance(change.get("value"), dict):
                yield change["value"]


def _dicts(value: Any) -> list[Body]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
