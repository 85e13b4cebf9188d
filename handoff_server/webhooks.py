"""Where the messaging platforms deliver: verified over the raw body, committed, and only then answered 200."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from handoff_server.channels.channel import Channel
from handoff_server.http_body import answer_refused, body_of
from handoff_server.refusal import Refusal
from handoff_server.service import intake, sends
from handoff_server.service.intake import Arrival
from handoff_server.service.sends import DeliveryReport
from handoff_server.store import Store

Deliver = Callable[[str, Request], Awaitable[Response]]
log = structlog.get_logger()
MAX_BODY = 1_000_000


def add_webhooks(http: FastAPI, store: Store, channels: Mapping[str, Channel], gather_ms: int) -> Deliver:
    def channel_of(name: str) -> Channel:
        if name not in channels:
            raise Refusal("unknown_channel", f"the channel {name[:20]!r} is not set up")
        return channels[name]

    @http.get("/webhooks/{name}", tags=["channels"])
    async def prove(name: str, request: Request) -> Response:
        """The platform asks whether this address is ours."""
        return PlainTextResponse(channel_of(name).challenge(request.query_params))

    @http.post("/webhooks/{name}", tags=["channels"])
    async def deliver(name: str, request: Request) -> Response:
        """Messages and delivery reports. 200 says that they are on disk; repeated, nothing happens twice."""
        channel = channel_of(name)
        body = await body_of(request, MAX_BODY)
        channel.verify(request.headers, body)
        found = channel.read(body)
        if len(found) == 1:  # nearly always; a task of its own would cost more than it
            await _keep(store, found[0], gather_ms)
        else:
            await asyncio.gather(*(_keep(store, one, gather_ms) for one in found))
        return JSONResponse({})

    return deliver


class WebhooksFirst:
    """Hands deliveries to their function without the framework's detour, which costs more CPU than all they need."""

    def __init__(self, app: ASGIApp, deliver: Deliver) -> None:
        self._app = app
        self._deliver = deliver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "POST" or not path.startswith("/webhooks/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await self._deliver(path.removeprefix("/webhooks/"), request)
        except Refusal as refusal:
            answer = answer_refused(request, refusal)
        await answer(scope, receive, send)


async def _keep(store: Store, one: Arrival | DeliveryReport, gather_ms: int) -> None:
    try:
        if isinstance(one, Arrival):
            await store.run(intake.arrive, one, gather_ms, about=one.key)
        elif not await store.run(sends.report, one, about=one.key):
            log.info("webhook.not_ours", channel=one.channel)
    except Refusal as refusal:
        if refusal.status >= 500:  # the platform shall come again
            raise
        log.warning("webhook.refused", channel=one.channel, code=refusal.code)
