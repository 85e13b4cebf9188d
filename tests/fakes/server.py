"""The platforms on one port, each below its name."""

from typing import Self

from aiohttp import web

from tests.fakes.platform import Platform

MOST_BYTES = 60_000_000  # of one call


class Server:
    """Serves their APIs and delivers their webhooks.

    async with Server(telegram := Telegram()):      # TELEGRAM_API_URL=telegram.url
        telegram.webhooks.url = "http://127.0.0.1:8000/webhooks/telegram"
        telegram.say("42", "¿Dónde está mi pedido?")
        await telegram.webhooks.settled()
        telegram.shown("42")                        # what the phone shows
    """

    def __init__(self, *platforms: Platform, app: web.Application | None = None) -> None:
        """`app` has pages besides."""
        self._platforms = platforms
        self._app = web.Application(client_max_size=MOST_BYTES) if app is None else app
        for one in platforms:
            self._app.add_subapp(f"/{one.channel}", one.app())

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """On loopback only."""
        self._runner = web.AppRunner(self._app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        for one in self._platforms:
            await one.start(f"http://127.0.0.1:{self._runner.addresses[0][1]}")

    async def stop(self) -> None:
        for one in self._platforms:
            await one.stop()
        await self._runner.cleanup()
