"""Files of conversations: agents and widgets upload them here, and see them; never as anything that could run."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import Cookie, FastAPI, Header, Query, Request, Response
from fastapi.responses import FileResponse, JSONResponse
from starlette.requests import ClientDisconnect

from handoff_server import tables as t
from handoff_server.attachment_link import is_good, link
from handoff_server.clock import now
from handoff_server.file_type import PDF, TYPES
from handoff_server.http.body import answer_refused
from handoff_server.http.origin import for_widgets, must_be_ours
from handoff_server.limits import Limit, source_of
from handoff_server.media import Kept, MediaFolder
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, attachments
from handoff_server.service.attachments import Attachment, Daily
from handoff_server.settings import Settings
from handoff_server.sites import Sites
from handoff_server.sockets.console import COOKIE
from handoff_server.store import Store

MOST_OF_AGENT = 20_000_000  # bytes
MOST_OF_WIDGET = 5_000_000
NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"
# Chromium leaves the page of a sandboxed PDF empty; its viewer is a sandbox of its own.
POLICY = {PDF.mime: NOTHING_RUNS}
Answer = dict[str, Any]
Id = Annotated[str, Query(max_length=40)]
Name = Annotated[str, Query(max_length=2_000)]
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"format": "binary"}}}}}


def add_attachments(http: FastAPI, settings: Settings, store: Store, media: MediaFolder) -> None:
    uploads = Limit(60, 60)

    @http.post("/api/v1/attachments", tags=["agents"], status_code=201, openapi_extra=BODY)
    async def upload(
        request: Request, conversation_id: Id, name: Name = "", token: Annotated[str, Cookie(alias=COOKIE)] = ""
    ) -> Answer:
        """Takes a file (the body) that the agent will send, or put into a note, in this conversation, within a day."""
        must_be_ours(request, settings)
        agent = await store.read(accounts.session_agent, token, now())
        if agent.role == "designer":
            raise Refusal("forbidden", "designers read conversations; an agent or a supervisor may send files")
        uploads.take(agent.id)
        await store.read(_must_exist, conversation_id)
        kept = await _take(request, media, MOST_OF_AGENT, name)
        row: Attachment = await store.run(attachments.keep, conversation_id, agent.id, kept, name)
        return row.shown()

    @http.get("/api/v1/attachments/{attachment_id}", tags=["agents"])
    async def see(
        attachment_id: str, download: str | None = None, token: Annotated[str, Cookie(alias=COOKIE)] = ""
    ) -> Response:
        """The file, whole or a range of it. What browsers show is inline, unless `download` is asked for."""
        await store.read(accounts.session_agent, token, now())
        row = await store.read(attachments.one, attachment_id)
        return _answer(media, row, download is not None, {"Cross-Origin-Resource-Policy": "same-origin"})


def add_widget_attachments(http: FastAPI, settings: Settings, store: Store, media: MediaFolder, sites: Sites) -> None:
    secret = settings.handoff_token.get_secret_value().encode()
    uploads, uploads_of_source = Limit(10, 60), Limit(200, 3_600)
    daily = Daily(settings.widget_files_per_day, settings.widget_files_of_address_per_day)

    @http.options("/widget/v1/attachments", include_in_schema=False)
    async def preflight(origin: Annotated[str | None, Header()] = None) -> Response:
        headers = await for_widgets(sites, origin) | {
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "authorization, content-type",
            "Access-Control-Max-Age": "600",
        }
        return Response(status_code=204, headers=headers)

    @http.post("/widget/v1/attachments", tags=["widget"], status_code=201, openapi_extra=BODY)
    async def upload(
        request: Request,
        name: Name = "",
        authorization: Annotated[str, Header()] = "",
        origin: Annotated[str | None, Header()] = None,
    ) -> JSONResponse:
        """Takes a file (the body) that the customer will send in the conversation of the token. Only for allow-listed
        sites."""
        headers = await for_widgets(sites, origin)
        try:
            shown = await taken(request, name, authorization.removeprefix("Bearer "))
        except Refusal as refusal:  # the page of another site may read why
            answer = answer_refused(request, refusal)
            answer.headers.update(headers)
            return answer
        return JSONResponse(shown, 201, headers)

    async def taken(request: Request, name: str, token: str) -> Answer:
        uploads_of_source.take(source_of(request.scope))
        conversation = await store.read(accounts.widget_conversation, token, now())
        uploads.take(conversation.id)
        if conversation.blocked_at is not None:
            raise Refusal("forbidden", "this conversation is blocked; nothing can be sent in it")
        await store.read(attachments.require_room, conversation.id, daily, now())  # before anything is written
        kept = await _take(request, media, MOST_OF_WIDGET, name)
        row: Attachment = await store.run(attachments.keep_of_customer, conversation.id, kept, name, daily)
        return row.shown() | {"url": link(row.id, secret, now())}

    @http.get("/widget/v1/attachments/{attachment_id}", tags=["widget"])
    async def see(attachment_id: str, until: int, signature: Annotated[str, Query(max_length=64)]) -> Response:
        """The file, to whoever has the signed link. Platforms fetch from here, too."""
        if not is_good(attachment_id, until, signature, secret, now()):
            raise Refusal("unknown_attachment", "this link is not ours or has expired; open the conversation again")
        row = await store.read(attachments.one, attachment_id)
        return _answer(media, row, False, {"Cross-Origin-Resource-Policy": "cross-origin"})


async def _take(request: Request, media: MediaFolder, most: int, name: str) -> Kept:
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) > most:
        raise Refusal("too_large", f"the file is larger than {most} bytes; send a smaller one", limit=most)
    try:
        return await media.keep(request.stream(), most, name)
    except ClientDisconnect:
        raise Refusal("invalid_request", "the connection ended before the file did") from None


def _answer(media: MediaFolder, row: Attachment | None, download: bool, headers: Mapping[str, str]) -> Response:
    """The type is the one that we found ourselves; what is not known to be harmless is never shown."""
    file = media.file(row.digest) if row and row.digest else None
    if row is None or file is None or not file.is_file():
        raise Refusal("unknown_attachment", "there is no such file, or it is not here yet")
    kind = TYPES.get(row.mime)
    shown = kind is not None and kind.inline and not download
    place = f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(row.name, safe='')}"
    safe = {
        "Content-Disposition": place,
        "Content-Security-Policy": POLICY.get(row.mime, f"sandbox; {NOTHING_RUNS}"),
        "Cache-Control": "private, max-age=604800, immutable",
    }
    return FileResponse(file, media_type=row.mime, headers={**safe, **headers})


def _must_exist(connection: sa.Connection, conversation_id: str) -> None:
    if connection.scalar(sa.select(t.conversations.c.id).where(t.conversations.c.id == conversation_id)) is None:
        raise Refusal("unknown_conversation", f"there is no conversation {conversation_id}")
