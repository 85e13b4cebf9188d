"""What widgets ask before they connect: how they look, and a token for one new conversation. For allow-listed sites."""

import hashlib
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from handoff_server.http.body import body_of_texts, json_of, text_in
from handoff_server.http.origin import cors, for_widgets
from handoff_server.limits import Limit, source_of
from handoff_server.service import accounts, widgets
from handoff_server.settings import Settings
from handoff_server.sites import Sites
from handoff_server.store import Store

LOOKS_LAST_S = 60  # as long as browsers may go without asking again


def add_widget_sessions(http: FastAPI, settings: Settings, store: Store, sites: Sites) -> None:
    sessions = Limit(settings.widget_sessions_per_minute, 60)
    secret = settings.handoff_token.get_secret_value().encode()[:64]

    @http.get("/widget/v1/config", tags=["widget"])
    async def looks(key: str = "", origin: Annotated[str | None, Header()] = None) -> JSONResponse:
        """Accent, position and texts of a widget: what its admins chose in the console. A browser that asks from the
        hub's own site names no origin."""
        if origin is not None:
            await sites.require(key, origin)
        found = await store.read(widgets.looks, key, sites.first_key)
        headers = cors(origin) | {"Cache-Control": f"public, max-age={LOOKS_LAST_S}"}
        return JSONResponse(found, headers=headers)

    @http.options("/widget/v1/sessions", include_in_schema=False)
    async def preflight(origin: Annotated[str | None, Header()] = None) -> Response:
        headers = await for_widgets(sites, origin) | {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "content-type",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=headers)

    @http.post(
        "/widget/v1/sessions",
        tags=["widget"],
        status_code=201,
        openapi_extra=body_of_texts("key", "language"),
    )
    async def open_session(request: Request, origin: Annotated[str | None, Header()] = None) -> JSONResponse:
        """A token for one new conversation. Only for allow-listed sites."""
        source = source_of(request.scope)
        sessions.take(source)
        body = await json_of(request, 10_000)
        key = text_in(body, "key")
        await sites.require(key, origin)
        hidden = hashlib.blake2b(source.encode(), key=secret, digest_size=32).hexdigest()
        most = settings.widget_conversations_per_day
        session = await store.run(accounts.open_widget_session, key, text_in(body, "language", 10), hidden, most)
        return JSONResponse(session, 201, cors(origin))
