"""The page, what it hears and asks, and the platforms' APIs behind the same port."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from simulator.acts import act
from simulator.phone import Phone
from simulator.refused import Refused
from tests.fakes.server import MOST_BYTES, Server

PAGE = Path(__file__).parent / "page"
TOKENS = Path(__file__).parents[1] / "handoff_server" / "web" / "console" / "styles" / "tokens.css"
CHANNELS = ("whatsapp", "telegram", "messenger", "instagram")
AGAIN_S = 5.0  # what is told anew even when nothing happens: signs of typing end by themselves
MOST_LISTENERS = 20
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Simulator:
    """`phones` by channel; a channel without one is somebody's real account and is left alone."""

    def __init__(self, phones: Mapping[str, Phone], hub: str) -> None:
        self.phones = phones
        self._hub = hub
        self._bells: set[asyncio.Event] = set()
        for phone in phones.values():
            phone.on_change = self._ring

    async def start(self, port: int) -> None:
        """On loopback only: who reaches it speaks as any customer."""
        app = web.Application(client_max_size=MOST_BYTES, middlewares=[_guarded])
        app.on_response_prepare.append(_add_headers)
        app.router.add_get("/", _file(PAGE / "index.html"))
        for name in ("page.css", "page.js", "bubble.js", "words.js"):
            app.router.add_get(f"/{name}", _file(PAGE / name))
        app.router.add_get("/tokens.css", _file(TOKENS))
        app.router.add_get("/news", self._news)
        app.router.add_post("/act", self._act)
        app.router.add_get("/files/{channel}/{id}", self._download)
        self._server = Server(*(phone.platform for phone in self.phones.values()), app=app)
        await self._server.start(port)

    async def stop(self) -> None:
        await self._server.stop()

    def _ring(self) -> None:
        for bell in self._bells:
            bell.set()

    def _state(self) -> dict[str, Any]:
        phones = [self.phones[one].shows() if one in self.phones else {"channel": one} for one in CHANNELS]
        return {"hub": self._hub, "phones": phones}

    async def _news(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: all that the phones show, again after each change. Who is slow misses what is past."""
        if len(self._bells) >= MOST_LISTENERS:
            return web.Response(status=503, text=f"{MOST_LISTENERS} pages are open; close one")
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await answer.prepare(request)
        bell = asyncio.Event()
        self._bells.add(bell)
        try:
            while True:
                bell.clear()
                await answer.write(f"data: {json.dumps(self._state())}\n\n".encode())
                with suppress(TimeoutError):
                    async with asyncio.timeout(AGAIN_S):
                        await bell.wait()
        except ConnectionError:  # the page was closed
            return answer
        finally:
            self._bells.discard(bell)

    async def _act(self, request: web.Request) -> web.Response:
        try:
            if request.content_type != "application/json":  # no form of another site may speak here
                raise Refused("the body must be application/json")
            asked = await request.json()
            if not isinstance(asked, dict) or asked.get("channel") not in self.phones:
                raise Refused(f"channel must be one of {', '.join(self.phones)}")
            act(self.phones[asked["channel"]], asked)
        except ValueError as refused:
            return web.json_response({"error": str(refused)}, status=400)
        return web.json_response({})

    async def _download(self, request: web.Request) -> web.Response:
        phone = self.phones.get(request.match_info["channel"])
        file = phone.platform.files.get(request.match_info["id"]) if phone else None
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.mime)


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A name that leads to loopback makes no page of another site one of ours."""
    if request.url.host not in ("127.0.0.1", "localhost"):
        raise web.HTTPForbidden(text="The simulator answers on 127.0.0.1 and localhost only.")
    return await handler(request)


async def _add_headers(_request: web.Request, answer: web.StreamResponse) -> None:
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"


def _file(path: Path) -> Handler:
    async def serve(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    return serve
