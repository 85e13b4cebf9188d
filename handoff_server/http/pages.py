"""The built pages: console, widget, demo shop, and the page of this interface."""

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from handoff_server.settings import ROOT

DIST = ROOT / "handoff_server" / "web" / "dist"


def add_pages(http: FastAPI) -> None:
    @http.get("/", include_in_schema=False)
    async def front() -> RedirectResponse:
        return RedirectResponse("/console/")

    @http.get("/console/{path:path}", include_in_schema=False)
    async def console(path: str) -> Response:
        """One page for all of the console's addresses; its hashed assets never change."""
        asset = (DIST / "console" / path).resolve()
        if path and asset.is_relative_to(DIST / "console") and asset.is_file():
            return FileResponse(asset, headers={"Cache-Control": "public, max-age=31536000, immutable"})
        return _page("console")

    @http.get("/widget/handoff-chat.js", include_in_schema=False)
    async def widget() -> Response:
        script = DIST / "widget" / "handoff-chat.js"
        headers = {"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*"}
        return FileResponse(script, headers=headers) if script.is_file() else _not_built("widget")

    for name, folder in (("/demo", "demo"), ("/api/docs", "api-docs")):
        if (DIST / folder).is_dir():
            http.mount(name, StaticFiles(directory=DIST / folder, html=True), name=folder)


def _page(folder: str) -> Response:
    page: Path = DIST / folder / "index.html"
    return FileResponse(page, headers={"Cache-Control": "no-cache"}) if page.is_file() else _not_built(folder)


def _not_built(what: str) -> Response:
    return Response(f"The {what} has not been built yet. Run: make web\n", 503, media_type="text/plain")
