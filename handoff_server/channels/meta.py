"""What all of Meta's platforms have in common: the signature, the proof of the address, and which errors mean what."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handoff_server.channels.channel import SendFailed
from handoff_server.channels.lenient import mapping
from handoff_server.refusal import Refusal

_OURS = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})(\+?)")
_GENERAL = (1, 2, 131000)  # errors that tell nothing: the status decides


WHERE = "in Meta's App Dashboard, under Webhooks, give the address and verify token, and subscribe to messages"


class Door:
    """Who may deliver. `name` is the channel's; its settings begin with it."""

    def __init__(self, name: str, app_secret: str, verify_token: str) -> None:
        self._name = name.upper()
        self._app_secret = app_secret.encode()
        self._verify_token = verify_token

    def challenge(self, query: Mapping[str, str]) -> str:
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        if query.get("hub.mode") != "subscribe" or not hmac.compare_digest(given, self._verify_token.encode()):
            raise Refusal("forbidden", f"hub.verify_token is not {self._name}_VERIFY_TOKEN")
        return query.get("hub.challenge", "")

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        right = "sha256=" + hmac.digest(self._app_secret, body, "sha256").hex()
        given = headers.get("x-hub-signature-256", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, right.encode()):
            raise Refusal("unauthorized", f"X-Hub-Signature-256 is not of this body and {self._name}_APP_SECRET")


@dataclass(frozen=True)
class Name:
    """Our name of one post, which comes back with what the platform tells of it: the message, the try, and whether
    more posts of it follow. That the first of them arrived does not say that the message did."""

    message_id: int | None = None
    posted_at: int | None = None
    more_follow: bool = False

    def __str__(self) -> str:
        return f"{self.message_id}.{self.posted_at}{'+' if self.more_follow else ''}"


def ours(name: str) -> Name:
    found = _OURS.fullmatch(name)
    return Name(int(found[1]), int(found[2]), bool(found[3])) if found else Name()


def failure(channel: str, told: Any, temporary: Mapping[int, float | None], gone: set[int]) -> SendFailed | None:
    """What an error of the Graph API means. `temporary`: code → seconds to wait, if the platform names some."""
    error = mapping(mapping(told).get("error"))
    codes = [one for one in (error.get("error_subcode"), error.get("code")) if isinstance(one, int)]
    if not codes:
        return None
    code = codes[-1]
    if gone.intersection(codes):
        return SendFailed(f"{channel}:{code}", "gone")
    if code in temporary:
        return SendFailed(f"{channel}:{code}", "temporary", temporary[code])
    return SendFailed(f"{channel}:{code}", "permanent") if code not in _GENERAL else None
