"""One run's hub: a real process on a port and a database of its own, to be killed, stopped, squeezed and misled."""

import asyncio
import contextlib
import itertools
import json
import os
import resource
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.journal import Journal
from tests.faults.stage import Stage

_ports = itertools.count(21_000 + os.getpid() % 400 * 20)
_no_limit = resource.RLIM_INFINITY


def free_port() -> int:
    """Below the range of ports for outgoing connections, so that it stays ours over a restart."""
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise AssertionError("no port is free")


class Hub:
    """`keep` starts it again whenever it is gone, as the supervisor does."""

    def __init__(self, stage: Stage, folder: Path, journal: Journal) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._stage, self._folder, self._journal = stage, folder, journal
        self._clock, self._output = folder / "clock", folder / "output"
        self._clock.write_bytes(bytes(8))
        os.mkfifo(self._output)
        self._log = folder / "hub.log"
        self.pid = 0
        self.down_for = 0.0  # how long the supervisor takes next time
        self._over = False
        self._ahead = 0.0

    async def start(self, environment: dict[str, str]) -> None:
        self._environment = environment | {"RELEVO_PORT": str(self.port)}
        self._listen()
        self._keeper = asyncio.create_task(self._keep())
        await self.ready()

    async def ready(self) -> None:
        while not await self._stage.answers(f"{self.url}/healthz"):
            await asyncio.sleep(0.03)

    async def stop(self) -> None:
        self._over = True
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        self._signal(signal.SIGKILL)
        asyncio.get_running_loop().remove_reader(self._reading)
        self._hear()
        os.close(self._reading)
        os.close(self._held)
        self._output.unlink()
        self._clock.unlink()

    def kill(self, down_for: float = 0.0) -> None:
        self._journal.note("hub", "killed", pid=self.pid)
        self.down_for = down_for
        self._signal(signal.SIGKILL)

    def end(self, down_for: float = 0.0) -> None:
        self._journal.note("hub", "ended", pid=self.pid)
        self.down_for = down_for
        self._signal(signal.SIGTERM)

    def move_clock(self, seconds: float) -> None:
        self._journal.note("hub", "clock", seconds=seconds)
        self._ahead = seconds
        with self._clock.open("r+b") as file:  # in place: the hub has it mapped
            file.write(int(seconds * 1e9).to_bytes(8, "little", signed=True))

    def now(self) -> int:
        """The hub's own time, in milliseconds."""
        return int((time.time() + self._ahead) * 1000)

    @contextlib.contextmanager
    def full_disk(self) -> Iterator[None]:
        """The process cannot make any file longer, as on a full disk."""
        self._journal.note("hub", "disk_full")
        self._limit(0)
        try:
            yield
        finally:
            self._limit(_no_limit)
            self._journal.note("hub", "disk_free")

    def _limit(self, most: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.pid and hasattr(resource, "prlimit"):  # Linux only; elsewhere the disk stays as it is
                _soft, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (most if most != _no_limit else hard, hard))

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self.pid:
                os.kill(self.pid, number)

    async def _keep(self) -> None:
        while not self._over:
            order = {"environment": self._environment, "clock": str(self._clock), "output": str(self._output)}
            self.pid = await self._stage.birth(json.dumps(order))
            self._journal.note("hub", "started", pid=self.pid)
            while _lives(self.pid):
                await asyncio.sleep(0.02)
            self._journal.note("hub", "gone", pid=self.pid)
            self.pid = 0
            await asyncio.sleep(self.down_for)
            self.down_for = 0.0

    def _listen(self) -> None:
        self._reading = os.open(self._output, os.O_RDONLY | os.O_NONBLOCK)
        self._held = os.open(self._output, os.O_WRONLY)  # so that a restart is no end of file
        asyncio.get_running_loop().add_reader(self._reading, self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError), self._log.open("ab") as log:
            while heard := os.read(self._reading, 65_536):
                log.write(heard)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
