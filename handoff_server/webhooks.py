"""Where the messaging platforms deliver: verified over the raw body, committed, and only then answered 200.

It stands in front of the framework, whose way to a function costs more CPU than everything a delivery needs.
"""

import asyncio
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from handoff_server.channels.channel import Channel, Ignored, Told
from handoff_server.deliveries import Deliveries, Outcome
from handoff_server.refusal import Refusal
from handoff_server.service import contacts, deletion, intake, revisions, sends
from handoff_server.service.contacts import Moved, Reach
from handoff_server.service.deletion import Deletion
from handoff_server.service.intake import Arrival
from handoff_server.service.revisions import Reaction
from handoff_server.service.sends import DeliveryReport, Watermark
from handoff_server.store import Store

log = structlog.get_logger()
PATH = "/webhooks/"
MAX_BODY = 1_000_000
Answer = tuple[int, str, bytes, dict[str, str]]  # status, content type, body, further headers
# What becomes of each kind of thing: the change, which says whether it changed anything.
_KEEP: dict[type, Callable[..., bool]] = {
    DeliveryReport: sends.report,
    Watermark: sends.report_until,
    Deletion: deletion.delete,
    Reaction: revisions.react,
    Moved: contacts.move,
    Reach: contacts.reach,
}


class Webhooks:
    """`GET /webhooks/<channel>`: the platform asks whether the address is ours. `POST`: messages and delivery reports;
    200 says that they are on disk, and repeated, nothing happens twice. All else goes on to `app`."""

    def __init__(
        self,
        app: ASGIApp,
        store: Store,
        channels: Mapping[str, Channel],
        gather_ms: int,
        deliveries: Deliveries,
    ) -> None:
        self._app, self._store, self._channels, self._gather_ms = app, store, channels, gather_ms
        self._deliveries = deliveries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATH) or scope["method"] not in ("GET", "POST"):
            await self._app(scope, receive, send)
            return
        status, kind, body, more = await self._answer(scope, receive)
        told = {"content-type": kind, "content-length": str(len(body)), "x-content-type-options": "nosniff", **more}
        headers = [(name.encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        name = scope["path"].removeprefix(PATH)
        try:
            if name not in self._channels:
                raise Refusal("unknown_channel", f"the channel {name[:20]!r} is not set up")
            if scope["method"] == "GET":
                query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
                return 200, "text/plain; charset=utf-8", self._channels[name].challenge(query).encode(), {}
            kind, answer = await self._take(self._channels[name], Headers(scope=scope), await _body(receive))
            return 200, kind, answer, {}
        except Refusal as refusal:
            log.info("webhook.refused", channel=name[:20], code=refusal.code)
            outcome: Outcome = "unsigned" if refusal.code == "unauthorized" else "refused"
            self._deliveries.count(name if name in self._channels else "unknown", outcome)
            return _refused(refusal)
        except Exception:
            self._deliveries.count(name, "failed")
            trouble = secrets.token_hex(4)
            log.exception("webhook.failed", channel=name[:20], id=trouble)
            return _refused(Refusal("internal", f"something went wrong here; tell us {trouble}", id=trouble))

    async def _take(self, channel: Channel, headers: Headers, body: bytes) -> tuple[str, bytes]:
        channel.verify(headers, body)
        found = channel.read(body)
        if len(found) == 1:  # nearly always; a task of its own would cost more than it
            outcomes = [await self._keep(found[0])]
        else:
            outcomes = await asyncio.gather(*map(self._keep, found))
        self._deliveries.note(channel.name, body, found, outcomes)
        return channel.answer(found)

    async def _keep(self, one: Told) -> Outcome:
        if isinstance(one, Ignored):
            log.info("webhook.ignored", channel=one.channel, what=one.what)
            return "ignored"
        about = getattr(one, "key", None)
        try:
            if isinstance(one, Arrival):
                changed = await self._store.run(intake.take, one, self._gather_ms, about=about)
                return "stored" if changed else "repeated"
            return "stored" if await self._store.run(_KEEP[type(one)], one, about=about) else "repeated"
        except Refusal as refusal:
            if refusal.status >= 500:  # the platform shall come again
                raise
            log.warning("webhook.not_kept", channel=one.channel, code=refusal.code)
            return "ignored"


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        part: Mapping[str, Any] = await receive()
        if part["type"] == "http.disconnect":
            raise Refusal("invalid_request", "the connection ended before the body did")
        body += part.get("body", b"")
        if len(body) > MAX_BODY:
            raise Refusal("too_large", f"the body is larger than {MAX_BODY} bytes", limit=MAX_BODY)
        more = part.get("more_body", False)
    return body


def _refused(refusal: Refusal) -> Answer:
    retry = refusal.details.get("retry_after")
    more = {"retry-after": str(retry)} if retry else {}
    return refusal.status, "application/json", json.dumps({"error": refusal.as_error()}).encode(), more
