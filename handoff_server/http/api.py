"""The HTTP side of the hub, put together from the doors beside it; and what guards every answer."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff_server.gauges import Gauges
from handoff_server.http.agents import add_agents
from handoff_server.http.assistant import add_assistant
from handoff_server.http.attachments import add_attachments, add_widget_attachments
from handoff_server.http.body import answer_refused
from handoff_server.http.channels import add_channels
from handoff_server.http.me import add_me
from handoff_server.http.measures import add_measures
from handoff_server.http.metrics import add_metrics
from handoff_server.http.operations import add_operations
from handoff_server.http.pages import add_pages
from handoff_server.http.sessions import add_sessions
from handoff_server.http.teams import add_teams
from handoff_server.http.transcript import add_transcript_page
from handoff_server.http.widget_sessions import add_widget_sessions
from handoff_server.http.widgets import add_widgets
from handoff_server.media import MediaFolder
from handoff_server.refusal import Refusal
from handoff_server.settings import Settings
from handoff_server.sites import Sites
from handoff_server.store import Store

log = structlog.get_logger()
STRICT_PAGE = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
Answer = dict[str, Any]


def create_http(
    settings: Settings,
    store: Store,
    media: MediaFolder,
    assistant_state: Callable[[], str],
    gauges: Gauges,
    teams_changed: Callable[[], Awaitable[None]],
    sites: Sites,
) -> FastAPI:
    """The HTTP side of the hub; the sockets are put around it in `app`."""
    http = FastAPI(title="Relevo", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    _answer_refusals(http)
    http.add_middleware(_Guards)
    add_sessions(http, settings, store)
    add_me(http, settings, store)
    add_agents(http, settings, store)
    add_teams(http, settings, store, teams_changed)
    add_widgets(http, settings, store, sites)
    add_channels(http, settings, store, assistant_state)
    add_widget_sessions(http, settings, store, sites)
    add_attachments(http, settings, store, media)
    add_widget_attachments(http, settings, store, media, sites)
    add_assistant(http, settings, store)
    add_transcript_page(http, settings, store)
    add_operations(http, settings, store, assistant_state)
    add_measures(http, store)
    add_metrics(http, settings, gauges)
    add_pages(http, None if settings.environment == "production" else settings.simulator_url)
    return http


def _answer_refusals(http: FastAPI) -> None:
    @http.exception_handler(Refusal)
    async def refused(request: Request, refusal: Refusal) -> JSONResponse:
        return answer_refused(request, refusal)

    @http.exception_handler(Exception)
    async def failed(request: Request, _error: Exception) -> JSONResponse:
        trouble = secrets.token_hex(4)
        log.exception("http.failed", path=request.scope["path"], id=trouble)
        error = {
            "code": "internal",
            "message": f"something went wrong here; tell us {trouble}",
            "id": trouble,
        }
        return JSONResponse({"error": error}, 500)


class _Guards:
    """Headers of every answer. (Starlette's own way costs a task and two streams for each request: half of its CPU.)"""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if not scope["path"].startswith("/widget/"):
                    headers.setdefault("Content-Security-Policy", STRICT_PAGE)
            await send(message)

        await self._app(scope, receive, guarded if scope["type"] == "http" else send)
