"""The built pages: console, widget, demo shop, and the page of this interface."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from handoff_server.settings import ROOT

DIST = ROOT / "handoff_server" / "web" / "dist"


def console_version() -> str:
    """The build of the console that is served now: its page names all of its parts by their contents."""
    page = DIST / "console" / "index.html"
    try:
        return _digest(page, page.stat().st_mtime_ns)
    except OSError:  # not built, or being built at this moment
        return ""


@lru_cache(maxsize=1)
def _digest(page: Path, _changed: int) -> str:
    return hashlib.sha256(page.read_bytes()).hexdigest()[:12]


def add_pages(http: FastAPI, simulator_url: str | None) -> None:
    """`simulator_url`: where /simulator leads, if there is one."""

    @http.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/console/")

    if simulator_url:

        @http.get("/simulator", include_in_schema=False)
        async def simulator() -> RedirectResponse:
            return RedirectResponse(simulator_url)

    @http.get("/console/{path:path}", include_in_schema=False)
    async def console(path: str) -> Response:
        """One page for all of the console's addresses; its hashed assets never change."""
        asset = (DIST / "console" / path).resolve()
        if path and asset.is_relative_to(DIST / "console") and asset.is_file():
            return FileResponse(asset, headers={"Cache-Control": "public, max-age=31536000, immutable"})
        return _page("console")

    for script in ("handoff-chat.js", "handoff-chat-more.js"):
        http.get(f"/widget/{script}", include_in_schema=False)(_script(DIST / "widget" / script))

    for name, folder in (("/demo", "demo"), ("/api/docs", "api-docs")):
        if (DIST / folder).is_dir():
            http.mount(name, StaticFiles(directory=DIST / folder, html=True), name=folder)


def _script(path: Path) -> Callable[[], Awaitable[Response]]:
    """Any site may load it; the name stays, so that browsers ask whether it is a new one."""

    async def serve() -> Response:
        return _built(path)

    return serve


def _built(script: Path) -> Response:
    headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
    return FileResponse(script, headers=headers) if script.is_file() else _not_built("widget")


def _page(folder: str) -> Response:
    page: Path = DIST / folder / "index.html"
    return FileResponse(page, headers={"Cache-Control": "no-cache"}) if page.is_file() else _not_built(folder)


def _not_built(what: str) -> Response:
    return Response(f"The {what} has not been built yet. Run: make web\n", 503, media_type="text/plain")
