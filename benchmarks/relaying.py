"""A relay under load: posts go in, events come out at consoles; speed, delay, CPU, and what was lost or doubled."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.http_load import HttpLoad, Posted, Request
from benchmarks.processes import Running
from benchmarks.raw_socket import RawSocket

CONNECTIONS = 64


class Inbox:
    """What a console received: number of the post → when. `read` tells the numbers that a packet carries."""

    def __init__(self, socket: RawSocket, read: Callable[[bytes], list[int]]) -> None:
        self.at: dict[int, float] = {}
        self.doubled = 0
        self._read = read
        if socket.lost.done():
            raise ConnectionError("the console has lost its connection")
        socket.on_packet = self._receive

    def _receive(self, packet: bytes) -> None:
        now = time.perf_counter()
        for number in self._read(packet):
            if number in self.at:
                self.doubled += 1
            else:
                self.at[number] = now


@dataclass(frozen=True)
class Measured:
    """One run. `rate` in messages a second, `cpu` in µs a message, delays in ms."""

    rate: float
    cpu: float
    delays: list[float]
    lost: int
    doubled: int
    refused: int

    @property
    def p50(self) -> float:
        return quantile(self.delays, 0.50)

    @property
    def p99(self) -> float:
        return quantile(self.delays, 0.99)


def numbers(packet: bytes) -> list[int]:
    """The number in a peer's event: `["change",{"number":7,…}]`."""
    return [json.loads(packet[2:])[1]["number"]]


async def relay(
    server: Running, inboxes: list[Inbox], request: Request, first: int, count: int, rate: float | None
) -> Measured:
    """Posts `first` … `first + count - 1`, at `rate` or flat out, and waits until every console has them all."""
    async with HttpLoad(server.port, CONNECTIONS) as load:
        cpu, began = server.cpu(), time.perf_counter()
        posted = await (load.open_loop(request, first, count, rate) if rate else load.flat_out(request, first, count))
        await _all_there(inboxes, first + count - 1, count, began)
        cpu = server.cpu() - cpu
    return _measured(inboxes, posted, first, count, cpu, began)


async def _all_there(inboxes: list[Inbox], last: int, count: int, began: float) -> None:
    """Until every console has as many as were posted, or nothing more has come for two seconds."""
    before, quiet = -1, 0
    while any(len(inbox.at) < count for inbox in inboxes) and quiet < 100:
        await asyncio.sleep(0.02)
        there = sum(len(inbox.at) for inbox in inboxes)
        quiet, before = (quiet + 1, before) if there == before else (0, there)


def _measured(inboxes: list[Inbox], posted: Posted, first: int, count: int, cpu: float, began: float) -> Measured:
    wanted = range(first, first + count)
    there = [inbox.at[number] for inbox in inboxes for number in wanted if number in inbox.at]
    delays = sorted(
        (inbox.at[number] - posted.meant[number - first]) * 1000
        for inbox in inboxes
        for number in wanted
        if number in inbox.at
    )
    accepted = posted.statuses.get(200, 0)
    return Measured(
        rate=accepted / (max(there) - began),
        cpu=cpu / count * 1e6,
        delays=delays,
        lost=accepted * len(inboxes) - len(there),
        doubled=sum(inbox.doubled for inbox in inboxes),
        refused=count - accepted,
    )


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
