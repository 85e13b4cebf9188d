"""The files that a platform keeps: what customers send, and what the hub uploads. The oldest go first."""

import itertools
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

MOST_FILES = 100
MOST_BYTES = 200_000_000


@dataclass(frozen=True)
class File:
    """What may be untrue or go wrong: `told_size`: what the platform says; `url`: where it says that it is; `refusals`:
    how often it first answers 503; `breaks_after`: bytes until the connection breaks, once; `moves`: it redirects."""

    content: bytes
    mime: str
    name: str = ""
    told_size: int | None = None
    url: str | None = None
    refusals: int = 0
    breaks_after: int | None = None
    hides_length: bool = False
    moves: bool = False


class Files:
    def __init__(self) -> None:
        self._numbers = itertools.count(900_001)
        self._kept: dict[str, File] = {}

    def keep(self, file: File) -> str:
        """Its id."""
        file_id = str(next(self._numbers))
        self._kept[file_id] = file
        while len(self._kept) > MOST_FILES or sum(len(one.content) for one in self._kept.values()) > MOST_BYTES:
            del self._kept[next(iter(self._kept))]
        return file_id

    def upload(self, field: web.FileField | str | bytes | bytearray) -> str:
        """Keeps a file of a form."""
        assert isinstance(field, web.FileField), "a file has a name"
        return self.keep(File(field.file.read(), field.content_type, field.filename))

    def get(self, file_id: str) -> File | None:
        return self._kept.get(file_id)

    def __getitem__(self, file_id: str) -> File:
        return self._kept[file_id]

    def spoil(self, file_id: str, **mishap: Any) -> None:
        self._kept[file_id] = replace(self._kept[file_id], **mishap)

    async def give(self, file_id: str, request: web.Request) -> web.StreamResponse:
        file = self.get(file_id)
        if file is None:
            raise web.HTTPNotFound
        if file.refusals:
            self.spoil(file_id, refusals=file.refusals - 1)
            return web.Response(status=503)
        if file.moves:
            raise web.HTTPFound("http://127.0.0.1:9/elsewhere")
        answer = web.StreamResponse(headers={"Content-Type": file.mime})
        if not file.hides_length:
            answer.content_length = len(file.content)
        await answer.prepare(request)
        with suppress(OSError):  # the caller has had enough
            await answer.write(file.content[: file.breaks_after])
        if file.breaks_after is not None and request.transport:
            self.spoil(file_id, breaks_after=None)
            request.transport.abort()
        return answer
