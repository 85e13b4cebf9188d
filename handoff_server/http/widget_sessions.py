"""Sessions of widgets: a token for one new conversation, for allow-listed sites."""

import hashlib
import hmac
from typing import Annotated

from fastapi import FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse

from handoff_server.http.body import body_of_texts, json_of, text_in
from handoff_server.http.origin import for_widgets
from handoff_server.limits import Limit, source_of
from handoff_server.refusal import Refusal
from handoff_server.service import accounts
from handoff_server.settings import Settings
from handoff_server.store import Store


def add_widget_sessions(http: FastAPI, settings: Settings, store: Store) -> None:
    sessions = Limit(settings.widget_sessions_per_minute, 60)
    key = settings.handoff_token.get_secret_value().encode()[:64]

    @http.options("/widget/v1/sessions", include_in_schema=False)
    async def preflight(origin: Annotated[str | None, Header()] = None) -> Response:
        headers = for_widgets(settings, origin) | {
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
        headers = for_widgets(settings, origin)
        source = source_of(request.scope)
        sessions.take(source)
        body = await json_of(request, 10_000)
        if not hmac.compare_digest(text_in(body, "key").encode(), settings.widget_key.encode()):
            raise Refusal("forbidden", "there is no widget with this key")
        hidden = hashlib.blake2b(source.encode(), key=key, digest_size=32).hexdigest()
        most = settings.widget_conversations_per_day
        session = await store.run(
            accounts.open_widget_session, settings.widget_key, text_in(body, "language", 10), hidden, most
        )
        return JSONResponse(session, 201, headers)
