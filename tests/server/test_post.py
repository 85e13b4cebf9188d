"""A platform's API that answers drop by drop, or not with JSON: no worse than one that is silent."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from conftest import free_port, served
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from handoff_server.channels import post
from handoff_server.channels.channel import SendFailed

pytestmark = pytest.mark.asyncio


async def _drops() -> AsyncIterator[bytes]:
    for _ in range(100):
        yield b" "
        await asyncio.sleep(0.05)


async def _failure(api: post.Api, path: str) -> SendFailed:
    with pytest.raises(SendFailed) as raised:
        await api.post(path, {})
    return raised.value


async def test_an_answer_that_never_ends_and_a_shut_door_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "TIMEOUT", aiohttp.ClientTimeout(total=0.5))
    app, port = FastAPI(), free_port()

    @app.post("/drops")
    async def drops() -> StreamingResponse:
        return StreamingResponse(_drops())

    @app.post("/page")
    async def page() -> Response:
        return Response("<html>[[[[", 502)

    api = post.Api(f"http://127.0.0.1:{port}", "token", lambda _told: None)
    try:
        async with served(app, port):
            dripped, broken = await _failure(api, "/drops"), await _failure(api, "/page")
        shut = await _failure(api, "/drops")
    finally:
        await api.close()
    assert (dripped.kind, broken.kind, shut.kind) == ("unclear", "unclear", "temporary")
