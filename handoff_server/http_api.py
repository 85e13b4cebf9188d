"""HTTP: sessions of agents and widgets, and the built pages; the assistant's door and others stand beside it."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import structlog
from fastapi import Cookie, FastAPI, Header, Request, Response
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handoff_server.assistant_api import add_assistant
from handoff_server.clock import now
from handoff_server.console_socket import COOKIE
from handoff_server.contract.plain import what_is_wrong
from handoff_server.gauges import Gauges
from handoff_server.http_body import answer_refused, json_of
from handoff_server.limits import Limit, source_of
from handoff_server.measures_api import add_measures
from handoff_server.metrics_api import add_metrics
from handoff_server.operations import add_operations
from handoff_server.origin import must_be_ours
from handoff_server.passwords import hash_password, password_is_right
from handoff_server.refusal import Refusal
from handoff_server.service import accounts
from handoff_server.service.agent import Agent
from handoff_server.settings import ROOT, Settings
from handoff_server.store import Store
from handoff_server.transcript_page import add_transcript_page

log = structlog.get_logger()
DIST = ROOT / "handoff_server" / "web" / "dist"
STRICT_PAGE = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
Answer = dict[str, Any]


def create_http(settings: Settings, store: Store, assistant_state: Callable[[], str], gauges: Gauges) -> FastAPI:
    """The HTTP side of the hub; the sockets are put around it in `app`."""
    http = FastAPI(title="Relevo", version="1", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    _answer_refusals(http)
    http.add_middleware(_Guards)
    _add_sessions(http, settings, store)
    _add_widget_sessions(http, settings, store)
    add_assistant(http, settings, store)
    add_transcript_page(http, settings, store)
    add_operations(http, settings, store, assistant_state)
    add_measures(http, store)
    add_metrics(http, settings, gauges)
    _add_pages(http)
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


def _text(body: Any, name: str, most: int = 300) -> str:
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, str) or not 0 < len(value) <= most or what_is_wrong(value):
        raise Refusal("invalid_request", f"{name} must be a text of 1 to {most} characters")
    return value


def _body(*names: str) -> dict[str, Any]:
    """What the OpenAPI page shows of a body of texts."""
    fields = {name: {"type": "string"} for name in names}
    shape = {"type": "object", "required": list(fields), "properties": fields}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}


def _add_sessions(http: FastAPI, settings: Settings, store: Store) -> None:
    tries = Limit(10, 300)
    tries_of_source = Limit(60, 300)  # whoever tries many accounts
    secure = settings.address.startswith("https://")

    @http.post("/api/v1/session", tags=["agents"], openapi_extra=_body("email", "password"))
    async def log_in(request: Request, response: Response) -> Answer:
        """Logs an agent in: sets the session cookie."""
        must_be_ours(request, settings)
        body = await json_of(request, 10_000)
        email, password = _text(body, "email"), _text(body, "password")
        source = source_of(request.scope)
        tries_of_source.take(source)
        key = f"{email.strip().lower()}|{source}"
        tries.take(key)
        account = await store.read(accounts.find_password, email)
        if not await password_is_right(account[1] if account else None, password) or account is None:
            raise Refusal("bad_credentials", "e-mail or password is wrong")
        tries.forget(key)
        token = await store.run(accounts.open_session, account[0])
        response.set_cookie(
            COOKIE,
            token,
            max_age=accounts.AGENT_SESSION_MS // 1000,
            httponly=True,
            samesite="strict",
            secure=secure,
            path="/",
        )
        return _agent(await store.read(accounts.session_agent, token, now()))

    @http.get("/api/v1/session", tags=["agents"])
    async def who_am_i(token: Annotated[str, Cookie(alias=COOKIE)] = "") -> Answer:
        """The agent of the session cookie; 401 without one."""
        return _agent(await store.read(accounts.session_agent, token, now()))

    @http.delete("/api/v1/session", tags=["agents"], status_code=204)
    async def log_out(request: Request, response: Response, token: Annotated[str, Cookie(alias=COOKIE)] = "") -> None:
        """Ends the session."""
        must_be_ours(request, settings)
        await store.run(accounts.end_session, token)
        response.delete_cookie(COOKIE, path="/")

    @http.post(
        "/api/v1/password",
        tags=["agents"],
        status_code=204,
        openapi_extra=_body("token", "password"),
    )
    async def set_password(request: Request) -> None:
        """Sets a new password with a reset link's token; all sessions of the account end."""
        must_be_ours(request, settings)
        body = await json_of(request, 10_000)
        tries.take(f"reset|{source_of(request.scope)}")
        await store.run(accounts.set_password, _text(body, "token"), hash_password(_text(body, "password")))


def _agent(agent: Agent) -> Answer:
    return {"agent": {"id": agent.id, "name": agent.name, "role": agent.role}}


def _add_widget_sessions(http: FastAPI, settings: Settings, store: Store) -> None:
    sessions = Limit(settings.widget_sessions_per_minute, 60)
    key = settings.handoff_token.get_secret_value().encode()[:64]

    def allowed(origin: str | None) -> dict[str, str]:
        if origin not in settings.allowed_widget_origins:
            raise Refusal("forbidden", "this site is not allowed to show the widget; add it to WIDGET_ORIGINS")
        return {"Access-Control-Allow-Origin": origin or "", "Vary": "Origin"}

    @http.options("/widget/v1/sessions", include_in_schema=False)
    async def preflight(origin: Annotated[str | None, Header()] = None) -> Response:
        headers = allowed(origin) | {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=headers)

    @http.post(
        "/widget/v1/sessions",
        tags=["widget"],
        status_code=201,
        openapi_extra=_body("key", "language"),
    )
    async def open_session(request: Request, origin: Annotated[str | None, Header()] = None) -> JSONResponse:
        """A token for one new conversation. Only for allow-listed sites."""
        headers = allowed(origin)
        source = source_of(request.scope)
        sessions.take(source)
        body = await json_of(request, 10_000)
        if not hmac.compare_digest(_text(body, "key").encode(), settings.widget_key.encode()):
            raise Refusal("forbidden", "there is no widget with this key")
        hidden = hashlib.blake2b(source.encode(), key=key, digest_size=32).hexdigest()
        most = settings.widget_conversations_per_day
        session = await store.run(
            accounts.open_widget_session, settings.widget_key, _text(body, "language", 10), hidden, most
        )
        return JSONResponse(session, 201, headers)


def _add_pages(http: FastAPI) -> None:
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
