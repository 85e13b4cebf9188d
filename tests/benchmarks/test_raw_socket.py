"""The benchmarks' hand-made client hears what the real one hears; what is lost or doubled is counted."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from benchmarks.http_load import HttpLoad, post
from benchmarks.processes import PYTHON, Running, free_port, running
from benchmarks.raw_socket import open_socket
from benchmarks.relaying import Inbox, numbers, relay

PATH = "/console/socket.io"
pytestmark = pytest.mark.asyncio


@pytest.fixture(params=["stock", "ours"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    port = free_port()
    options = ["--ours"] if request.param == "ours" else []
    with running([PYTHON, "-m", "benchmarks.peers.bare", str(port), *options], port, log="test") as started:
        yield started


async def test_it_hears_what_the_real_client_hears(server: Running) -> None:
    by_raw: list[Any] = []
    by_real: list[Any] = []
    real = socketio.AsyncClient(reconnection=False)
    real.on("change", by_real.append)
    await real.connect(f"http://127.0.0.1:{server.port}", socketio_path=PATH, transports=["websocket"])
    raw = await open_socket(server.port, PATH, lambda _name, data: by_raw.append(data))
    said = [{"number": 1, "text": "¿?"}, {"number": 2, "text": "x" * 200}, {"number": 3, "text": "y" * 70_000}]
    async with HttpLoad(server.port, 1) as load:
        for one in said:  # each form of a frame's length
            request = post(server.port, "/", json.dumps(one).encode())
            await load.flat_out(lambda _number, request=request: request, 0, 1)
    async with asyncio.timeout(5):
        while len(by_real) < 3 or len(by_raw) < 3:  # noqa: ASYNC110  # two clients, not one event
            await asyncio.sleep(0.01)
    assert by_raw == by_real == said
    raw.close()
    await real.disconnect()


async def test_what_is_lost_or_doubled_is_counted(server: Running) -> None:
    raw = await open_socket(server.port, PATH)

    def twice(number: int) -> bytes:
        return post(server.port, "/", b'{"number": %d}' % (number // 2))

    measured = await relay(server, [Inbox(raw, numbers)], twice, 0, 10, None)
    assert (measured.lost, measured.doubled) == (5, 5)
    raw.close()


async def test_an_open_loop_loses_nothing(server: Running) -> None:
    raw = await open_socket(server.port, PATH)

    def request(number: int) -> bytes:
        return post(server.port, "/", b'{"number": %d}' % number)

    measured = await relay(server, [Inbox(raw, numbers)], request, 0, 50, 500)
    assert (measured.lost, measured.doubled, len(measured.delays)) == (0, 0, 50)
    raw.close()
