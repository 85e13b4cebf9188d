"""The files of the fake Graph: uploads with Meta's types and sizes, and what customers send, behind addresses."""

import itertools
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.graph import Graph

# Meta's list: what may be sent as what, and the most bytes of it.
KINDS = {
    "image": ({"image/jpeg", "image/png"}, 5_000_000),
    "audio": ({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}, 16_000_000),
    "video": ({"video/mp4", "video/3gpp"}, 16_000_000),
    "document": ({"application/pdf", "text/plain"}, 100_000_000),
}


@dataclass(frozen=True)
class File:
    """`told`: what Meta says of it, where that is not the truth; `url`: where it says that it is; `refusals`: how often
    it first answers 503; `breaks_after`: bytes until the connection breaks, once; `moves`: the address redirects."""

    content: bytes
    mime: str
    told_size: int | None = None
    url: str | None = None
    refusals: int = 0
    breaks_after: int | None = None
    hides_length: bool = False
    moves: bool = False


class Media:
    def __init__(self, graph: "Graph") -> None:
        self._graph = graph
        self._numbers = itertools.count(900_001)
        self.files: dict[str, File] = {}

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/{version}/{phone_number_id}/media", self._upload)
        app.router.add_get("/{version}/{media_id}", self._tell)
        app.router.add_get("/files/{media_id}", self._download)

    def keep(self, content: bytes, mime: str) -> str:
        media_id = str(next(self._numbers))
        self.files[media_id] = File(content, mime)
        return media_id

    def spoil(self, media_id: str, **mishap: Any) -> None:
        self.files[media_id] = replace(self.files[media_id], **mishap)

    def may_send(self, body: dict[str, Any]) -> bool:
        kind = body["type"]
        about = body[kind]
        file = self.files.get(about.get("id", ""))
        types, most = KINDS[kind]
        fits = file is not None and len(file.content) <= most
        allowed = file is not None and (file.mime in types or (kind == "document" and "officedocument" in file.mime))
        return (
            fits and allowed and len(about.get("caption", "")) <= 1024 and not ("caption" in about and kind == "audio")
        )

    def _may(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self._graph.token}"

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField) and form["messaging_product"] == "whatsapp"
        if not self._may(request) or file.content_type != form["type"]:
            return web.json_response({"error": {"code": 190}}, status=401)
        media_id = self.keep(file.file.read(), file.content_type)
        self._graph.note("uploaded", media_id=media_id, mime=file.content_type, name=file.filename)
        return web.json_response({"id": media_id})

    async def _tell(self, request: web.Request) -> web.Response:
        media_id = request.match_info["media_id"]
        file = self.files.get(media_id)
        self._graph.note("media", media_id=media_id)
        if not self._may(request):
            return web.json_response({"error": {"code": 190}}, status=401)
        if file is None:
            return web.json_response({"error": {"code": 100}}, status=400)
        if file.refusals:
            self.spoil(media_id, refusals=file.refusals - 1)
            return web.json_response({"error": {"code": 131016}}, status=503)
        url = file.url or f"{self._graph.url.rsplit('/', 1)[0]}/files/{media_id}"
        size = len(file.content) if file.told_size is None else file.told_size
        return web.json_response({"url": url, "mime_type": file.mime, "file_size": size, "id": media_id})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        media_id = request.match_info["media_id"]
        file = self.files[media_id]
        self._graph.note("download", media_id=media_id)
        if not self._may(request):
            return web.Response(status=401)
        if file.moves:
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        answer = web.StreamResponse(headers={"Content-Type": file.mime})
        if not file.hides_length:
            answer.content_length = len(file.content)
        await answer.prepare(request)
        if file.breaks_after is not None:
            self.spoil(media_id, breaks_after=None)
            await answer.write(file.content[: file.breaks_after])
            assert request.transport
            request.transport.abort()
            return answer
        with suppress(OSError):  # the caller has had enough
            await answer.write(file.content)
        return answer
