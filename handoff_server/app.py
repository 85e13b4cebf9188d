"""The composition root: the only place that knows all parts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import socketio
from fastapi import FastAPI

from handoff_server.console_socket import ConsoleSocket
from handoff_server.dispatcher import Dispatcher
from handoff_server.http_api import create_http
from handoff_server.rasa_client import RasaClient
from handoff_server.service import accounts
from handoff_server.settings import Settings
from handoff_server.store import Store
from handoff_server.widget_socket import WidgetSocket


@dataclass
class App:
    """The hub: `asgi` is what a server runs; the parts are here for tests."""

    asgi: socketio.ASGIApp
    store: Store


def create_app(settings: Settings) -> App:
    store = Store(settings.sqlalchemy_url)
    rasa = RasaClient(settings.rasa_url, settings.rasa_token.get_secret_value(), settings.turn_deadline_ms)
    dispatcher = Dispatcher(store, rasa, settings.turn_deadline_ms)
    console = ConsoleSocket(store, settings.own_origins if settings.public_url else None)
    widget = WidgetSocket(store, settings.allowed_widget_origins)
    console.on_typing = widget.agent_typing
    widget.on_typing = console.typing
    dispatcher.on_thinking = widget.bot_typing

    http = create_http(settings, store)

    @asynccontextmanager
    async def life(_http: FastAPI) -> AsyncIterator[None]:
        await store.start()
        await store.run(accounts.nobody_connected)
        loops = [asyncio.create_task(loop) for loop in (console.deliver(), console.heartbeat(), widget.deliver())]
        await dispatcher.start()
        yield
        await dispatcher.stop()
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await rasa.close()
        await store.stop()

    http.router.lifespan_context = life
    inner = socketio.ASGIApp(widget.server, http, socketio_path="/widget/socket.io")
    return App(socketio.ASGIApp(console.server, inner, socketio_path="/console/socket.io"), store)
