"""What the hub calls: WhatsApp's side and the assistant's side, played by servers that cost next to nothing."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from benchmarks.processes import ROOT, free_port

EXAMPLES = ROOT / "handoff_server" / "contract" / "v1" / "examples"


class Platform:
    """Takes messages for customers. `on_message(contact, text, at)` is called for each."""

    def __init__(self) -> None:
        self.on_message: Callable[[str, str, float], None] = lambda _contact, _text, _at: None
        self._taken = 0

    async def take(self, request: web.Request) -> web.Response:
        at = time.perf_counter()
        body = await request.json()
        if "to" not in body:  # a typing sign
            return web.json_response({"success": True})
        self._taken += 1
        text = body["text"]["body"] if body["type"] == "text" else body["interactive"]["body"]["text"]
        self.on_message(body["to"], text, at)
        return web.json_response({"messages": [{"id": f"wamid.out.{self._taken}"}]})


@asynccontextmanager
async def platform() -> AsyncIterator[tuple[Platform, str]]:
    """The platform, and its WHATSAPP_API_URL."""
    played = Platform()
    async with _served("/{phone}/messages", played.take) as port:
        yield played, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def assistant(answer: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]) -> AsyncIterator[str]:
    """An assistant that answers turns so; its RASA_URL."""

    async def turn(request: web.Request) -> web.Response:
        return web.json_response(await answer(await request.json()))

    async with _served("/webhooks/hub/webhook", turn) as port:
        yield f"http://127.0.0.1:{port}"


def example(name: str) -> dict[str, Any]:
    """An example of the contract."""
    found: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return found


@asynccontextmanager
async def _served(path: str, handler: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post(path, handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield port
    await runner.cleanup()
