"""The whole product, durable, against bare relays; and its socket layer against Node's."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import hub as product
from benchmarks.http_load import Request, post
from benchmarks.platform import platform
from benchmarks.postgres import postgres
from benchmarks.processes import NODE, PYTHON, Running, free_port, running
from benchmarks.raw_socket import RawSocket, open_socket
from benchmarks.relaying import Inbox, Measured, numbers, quantile, relay
from benchmarks.row import Row, Tally, against, alone

TEXT = "Hola, ¿dónde está mi pedido RX-4821? Lo espero desde el lunes."
FLAT_OUT, AT_500, FANNED = 4_000, 1_500, 300
HUB_FLAT_OUT = 2_000
CONSOLES = 100


@dataclass
class Relay:
    """A server under load. `last` is the last number that was posted to it."""

    server: Running
    console: RawSocket
    request: Request
    read: Callable[[bytes], list[int]]
    last: int = 0

    async def run(
        self, count: int, rate: float | None, tally: Tally, consoles: list[RawSocket] | None = None
    ) -> Measured:
        inboxes = [Inbox(socket, self.read) for socket in consoles or [self.console]]
        measured = await relay(self.server, inboxes, self.request, self.last, count, rate)
        self.last += count
        tally.lost += measured.lost + measured.refused
        tally.doubled += measured.doubled
        return measured


async def measure(rounds: int) -> list[Row]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="relevo-bench-")))
        _phone, url = await stack.enter_async_context(platform())
        relays = await _relays(stack, folder, url)
        tally = Tally()
        for one in relays.values():  # caches fill and pages come in
            await one.run(500, None, Tally())
        for _ in range(rounds):
            tally.add("fdatasync", _fdatasync_p99(folder))
            for name, one in relays.items():
                measured = await one.run(HUB_FLAT_OUT if name in ("sqlite", "postgres") else FLAT_OUT, None, tally)
                tally.add(f"{name} max", measured.rate)
                tally.add(f"{name} cpu", measured.cpu)
            for name in ("bare", "sqlite", "postgres"):
                measured = await relays[name].run(AT_500, 500, tally)
                tally.add(f"{name} p50", measured.p50)
                tally.add(f"{name} p99", measured.p99)
        await _fan_out(relays, rounds, tally)
    return _rows(tally)


async def _fan_out(relays: dict[str, Relay], rounds: int, tally: Tally) -> None:
    """One event to 100 consoles: CPU for each."""
    for name in ("layer", "node", "bare"):
        port = relays[name].server.port
        consoles = [await open_socket(port, product.CONSOLE) for _ in range(CONSOLES)]
        for _ in range(rounds):
            measured = await relays[name].run(FANNED, 150, tally, consoles)
            tally.add(f"{name} fan", measured.cpu / CONSOLES)
        for console in consoles:
            console.close()


def _rows(tally: Tally) -> list[Row]:
    probe = tally["fdatasync"]
    rows = [
        alone("messages lost or doubled, in all relay runs", "messages", tally.lost + tally.doubled, "≤ 0"),
    ]
    for store, target in (("sqlite", "≥ 0.6"), ("postgres", "≥ 0.7")):
        cpu = f"{tally[f'{store} cpu']:.0f} µs CPU a message, bare {tally['bare cpu']:.0f}"
        what = {"sqlite": "SQLite, FULL", "postgres": "PostgreSQL"}[store]
        rows.append(
            against(f"durable relay, max ({what})", "msg/s", tally[f"{store} max"], tally["bare max"], target, cpu)
        )
    for store in ("sqlite", "postgres"):
        for share in ("p50", "p99"):
            ours, bare = tally[f"{store} {share}"], tally[f"bare {share}"]
            # The disk's share is not ours: twice what a bare fdatasync takes at that place.
            over = max(0.0, ours - 2 * probe)
            note = f"less 2 × fdatasync p99 ({probe:.1f} ms)"
            rows.append(Row(f"durable relay at 500/s, {share} ({store})", "ms", ours, bare, "≤ 2", over / bare, note))
    note = f"µs CPU a message: {tally['layer cpu']:.0f}, Node {tally['node cpu']:.0f}, stock {tally['bare cpu']:.0f}"
    rows.append(
        against("socket layer, max, against Node", "msg/s", tally["layer max"], tally["node max"], "≥ 0.65", note)
    )
    note = f"stock python-socketio {tally['bare fan']:.1f}"
    rows.append(
        against(
            "fan-out to 100 consoles, against Node", "µs each", tally["layer fan"], tally["node fan"], "≤ 1.5", note
        )
    )
    return rows


async def _relays(stack: AsyncExitStack, folder: Path, url: str) -> dict[str, Relay]:
    """All servers, then a console at each: while a server starts nobody here answers pings."""
    python = [PYTHON, "-m", "benchmarks.peers.bare"]
    bare, layer = (stack.enter_context(_peer(python, *more)) for more in ([], ["--ours"]))
    node = stack.enter_context(_peer([NODE, "benchmarks/peers/relay.mjs"]))
    sqlite = stack.enter_context(product.hub(folder, WHATSAPP_API_URL=url))
    database = stack.enter_context(postgres(folder))
    postgresql = stack.enter_context(product.hub(folder, database, WHATSAPP_API_URL=url))
    return {
        "bare": await _console_at(bare),
        "sqlite": await _console_of(stack, sqlite),
        "node": await _console_at(node),
        "layer": await _console_at(layer),
        "postgres": await _console_of(stack, postgresql),
    }


@contextmanager
def _peer(command: list[str], *options: str) -> Iterator[Running]:
    port = free_port()
    with running([*command, str(port), *options], port, log="peer") as server:
        yield server


async def _console_at(peer: Running) -> Relay:
    def request(number: int) -> bytes:
        return post(peer.port, "/relay", json.dumps({"number": number, "text": TEXT}).encode())

    return Relay(peer, await open_socket(peer.port, product.CONSOLE), request, numbers)


async def _console_of(stack: AsyncExitStack, hub: product.Hub) -> Relay:
    def request(number: int) -> bytes:
        return hub.whatsapp(number, number % product.CUSTOMERS, f"#{number} {TEXT}")

    console = await stack.enter_async_context(product.served_customers(hub))
    return Relay(hub.process, console, request, product.numbers)


def _fdatasync_p99(folder: Path) -> float:
    """ms: a page appended and made durable, as a log does, alone on this disk."""
    took = []
    descriptor = os.open(folder / "probe", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for _ in range(200):
        began = time.perf_counter()
        os.write(descriptor, bytes(4096))
        os.fdatasync(descriptor)
        took.append((time.perf_counter() - began) * 1000)
    os.close(descriptor)
    return quantile(sorted(took), 0.99)
