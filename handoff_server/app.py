"""The composition root: the only place that knows all parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import socketio
from fastapi import FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from handoff_server.assistant import FORGET_AGAIN_S, Assistant
from handoff_server.attachment import Enclosed
from handoff_server.attachment_link import link
from handoff_server.beside import Beside
from handoff_server.channels import set_up_channels
from handoff_server.clock import now
from handoff_server.deliveries import Deliveries
from handoff_server.dispatcher import Dispatcher, Work
from handoff_server.fetching import Fetching
from handoff_server.gauges import Gauges
from handoff_server.http.api import create_http
from handoff_server.http.deliveries import add_deliveries
from handoff_server.http.pages import console_version
from handoff_server.intents import Intents
from handoff_server.media import MediaFolder
from handoff_server.outbox import MAX_DELAY_S, Outbox
from handoff_server.rasa_client import RasaClient
from handoff_server.service import accounts, attachments, sends, turns
from handoff_server.service.attachments import Attachment
from handoff_server.service.turns import MAX_GATHER_MS, Begun
from handoff_server.settings import Settings
from handoff_server.sites import Sites
from handoff_server.sockets.calls import marks
from handoff_server.sockets.calls.helps import Helps
from handoff_server.sockets.calls.templates import Templates
from handoff_server.sockets.console import ConsoleSocket
from handoff_server.sockets.widget import WidgetSocket
from handoff_server.store import Store
from handoff_server.suggestions import Suggestions
from handoff_server.teams import PLAIN
from handoff_server.teams_file import TeamsFile
from handoff_server.templates import load_templates
from handoff_server.timekeeper import Timekeeper
from handoff_server.transcript_link import Link, url_of
from handoff_server.understanding import Understanding
from handoff_server.webhooks import Webhooks


@dataclass
class App:
    """The hub: `asgi` is what a server runs; the parts are here for tests."""

    asgi: Any
    store: Store


def create_app(settings: Settings) -> App:
    teams = TeamsFile(settings.teams_file) if settings.teams_file else None
    store = Store(settings.sqlalchemy_url, policy=teams.current if teams else lambda: PLAIN)
    rasa = RasaClient(settings.rasa_url, settings.rasa_token.get_secret_value(), settings.turn_deadline_ms)
    channels = set_up_channels(settings)
    assistant = Assistant(store, rasa, settings.turn_deadline_ms)
    understanding = Understanding(store, rasa)
    media = MediaFolder(settings.media_dir)
    secret = settings.handoff_token.get_secret_value().encode()

    def link_to(attachment_id: str) -> str:
        return link(attachment_id, secret, now())

    def enclosed(row: Attachment) -> Enclosed:
        url = f"{settings.public_url}{link_to(row.id)}" if settings.public_url else None
        return Enclosed(row.kind, row.name, row.mime, row.size, media.file(row.digest or ""), url)

    outbox = Outbox(store, channels, settings.unclear_ms, enclosed)
    fetching = Fetching(store, channels, media)
    dispatcher = Dispatcher(store, _works(assistant, outbox, fetching))
    timekeeper = Timekeeper(store, teams)
    sites = Sites(settings, store)
    widget = WidgetSocket(store, sites.lets_in, settings.widget_sockets, link_to)
    beside = Beside(store, rasa, settings.turn_deadline_ms)
    helps = Helps(beside, Suggestions(store, beside))
    approved = load_templates(settings.whatsapp_templates_file) if settings.whatsapp_templates_file else ()
    more = helps.calls | Templates(store, approved).calls | marks.with_intents(store, Intents(rasa))
    console = ConsoleSocket(store, settings.own_origins if settings.public_url else None, more)
    widget.transcript_url = lambda conversation_id: url_of(settings.address, Link(conversation_id, now()), secret)
    console.on_typing = widget.agent_typing
    widget.on_typing = console.typing

    async def thinking(begun: Begun) -> None:
        await widget.bot_typing(begun.conversation.id)
        await outbox.show_typing(begun)

    assistant.on_thinking = thinking
    assistant.on_thought = outbox.stop_typing
    assistant.on_state = console.assistant_is
    console.assistant_state = lambda: assistant.state
    console.version = console_version
    timekeeper.on_teams = console.tell_policy
    gauges = Gauges(store, lambda: assistant.state)
    assistant.on_turn = gauges.turn_took
    deliveries = Deliveries(gauges.delivered, keeps=settings.environment == "development")
    http = create_http(settings, store, media, lambda: assistant.state, gauges, timekeeper.look_at_teams, sites)
    add_deliveries(http, settings, deliveries, channels)

    @asynccontextmanager
    async def life(_http: FastAPI) -> AsyncIterator[None]:
        await store.start()
        await sites.look()
        await store.run(accounts.nobody_connected)
        await assistant.fail_interrupted()
        await dispatcher.start()
        sockets = (console.deliver(), console.heartbeat(), widget.deliver(), widget.follow_queue())
        endless = (
            *sockets,
            store.follow_others(),
            understanding.work(),
            dispatcher.sweep(),
            assistant.sweep(),
            timekeeper.work(),
            timekeeper.follow_teams(),
            media.sweep(partial(store.read, attachments.in_use)),
        )
        loops = [asyncio.create_task(loop) for loop in endless]
        yield
        await dispatcher.stop()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await rasa.close()
        for channel in channels.values():
            await channel.close()
        await store.stop()

    http.router.lifespan_context = life
    inner = socketio.ASGIApp(widget.server, http, socketio_path="/widget/socket.io")
    asgi = socketio.ASGIApp(console.server, inner, socketio_path="/console/socket.io")
    behind_proxies: Any = ProxyHeadersMiddleware(asgi, settings.trusted_proxies)
    return App(Webhooks(behind_proxies, store, channels, settings.gather_ms, deliveries), store)


def _works(assistant: Assistant, outbox: Outbox, fetching: Fetching) -> dict[str, Work]:
    """Every kind of job there is. A slow assistant must not keep messages from leaving, nor the other way round."""
    return {
        "bot_turn": Work(assistant.turn, 16, MAX_GATHER_MS / 1000, turns.abandon),
        "send": Work(outbox.send, 32, MAX_DELAY_S, sends.abandon, first_wait_s=0),
        "forget": Work(assistant.forget, 2, FORGET_AGAIN_S, first_wait_s=0),
        "fetch": Work(fetching.fetch, 8, MAX_DELAY_S, attachments.abandon, first_wait_s=0),
        "unclear": Work(outbox.give_up_unclear, 4, outbox.longest_doubt_s),
    }
