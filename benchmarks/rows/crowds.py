"""Many consoles: all coming back at once, idle, and one that has stopped reading."""

import asyncio
import resource
import time
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import hub as product
from benchmarks.platform import platform
from benchmarks.raw_socket import RawSocket
from benchmarks.relaying import Inbox, Measured, relay
from benchmarks.row import Row, Tally, alone

RETURNING, IDLE = 1_000, 4_900  # one address may hold 5 000
STORM_RATE, STORM_MESSAGES = 20, 120
UNREAD, LONG = 3_000, "x" * 3_000


async def measure(rounds: int) -> list[Row]:
    tally = Tally()
    _allow_files(IDLE + 1_000)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="relevo-bench-")))
        _phone, url = await stack.enter_async_context(platform())
        hub = stack.enter_context(product.hub(folder, WHATSAPP_API_URL=url))
        console = await stack.enter_async_context(product.served_customers(hub))
        for place in range(rounds):
            await _storm(hub, console, place, tally)
        await _stall(hub, console, tally)
        await _idle(hub, tally)
    return [
        alone("1 000 consoles reconnect at once, all current again", "s", tally["storm"], "≤ 2"),
        alone("others' relay p99 meanwhile, at 20/s", "ms", tally["others p99"], "≤ 250"),
        alone("a stalled console: the hub grows by", "MB", tally["stalled"], "≤ 10"),
        alone("an idle console, of 4 900", "KB", tally["idle"], "≤ 45"),
        alone("messages lost or doubled meanwhile", "messages", tally.lost + tally.doubled, "≤ 0"),
    ]


async def _storm(hub: product.Hub, console: RawSocket, round_: int, tally: Tally) -> None:
    first = 100_000 * (round_ + 1)
    others = asyncio.create_task(_traffic(hub, console, first, STORM_MESSAGES, STORM_RATE))
    await asyncio.sleep(1)
    since = (await console.call("snapshot", {}))["change"]["seq"]
    began = time.perf_counter()
    back = await asyncio.gather(*(_come_back(hub, since) for _ in range(RETURNING)))
    tally.add("storm", time.perf_counter() - began)
    measured = await others
    tally.lost += measured.lost + measured.refused
    tally.doubled += measured.doubled
    tally.add("others p99", measured.p99)
    for socket in back:
        socket.close()
    await asyncio.sleep(1)


async def _come_back(hub: product.Hub, since: int) -> RawSocket:
    """As a console does: connect, then ask for what one has missed."""
    socket = await _connected(hub)
    socket.on_packet = lambda _packet: None  # what 1 000 consoles make of the frames is not the hub's time
    while not (answer := await socket.call("sync", {"since": since}))["ok"]:  # noqa: ASYNC110  # asks again
        await asyncio.sleep(0.2)  # the hub says that it is overloaded
    assert answer["change"]["seq"] >= since, answer
    return socket


async def _connected(hub: product.Hub) -> RawSocket:
    while True:
        try:
            return await hub.console(1)
        except ConnectionError:  # refused: overloaded
            await asyncio.sleep(0.2)


async def _traffic(hub: product.Hub, console: RawSocket, first: int, count: int, rate: float | None) -> Measured:
    def request(number: int) -> bytes:
        return hub.whatsapp(number, number % product.CUSTOMERS, f"#{number} Hola")

    return await relay(hub.process, [Inbox(console, product.numbers)], request, first, count, rate)


async def _stall(hub: product.Hub, console: RawSocket, tally: Tally) -> None:
    """What the hub's memory grows by when a console does not read 9 MB of messages, beyond what it grows by anyway."""

    async def grown(first: int) -> int:
        before = hub.process.memory()

        def request(number: int) -> bytes:
            return hub.whatsapp(number, number % product.CUSTOMERS, f"#{number} {LONG}")

        await relay(hub.process, [Inbox(console, product.numbers)], request, first, UNREAD, None)
        return hub.process.memory() - before

    without = await grown(2_000_000)
    stalled = await hub.console(1)
    stalled.transport.pause_reading()
    tally.add("stalled", max(0, await grown(3_000_000) - max(0, without)) / 1e6)
    stalled.close()


async def _idle(hub: product.Hub, tally: Tally) -> None:
    before = hub.process.memory()
    sockets: list[RawSocket] = []
    while len(sockets) < IDLE:
        sockets += await asyncio.gather(*(hub.console(2) for _ in range(100)))
    await asyncio.sleep(1)
    tally.add("idle", (hub.process.memory() - before) / IDLE / 1000)
    for socket in sockets:
        socket.close()
    await asyncio.sleep(1)


def _allow_files(wanted: int) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(wanted, _soft), hard), hard))
