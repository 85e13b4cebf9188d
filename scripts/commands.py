"""Runs one outer command: its output goes to a log, its failure becomes a sentence."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Any, Dict, List, Optional

from scripts.failure import Failure, remedy_for
from scripts.layout import LOGS, ROOT, shown

TAIL = 20


def run(
    command: List[str],
    log: Optional[str],
    limit: float = 900,
    environment: Optional[Dict[str, str]] = None,
    folder: Path = ROOT,
) -> str:
    """Runs `command` for at most `limit` seconds and returns its output; raises Failure with the end of it. Without
    the name of a `log` the output is kept nowhere: it holds passwords."""
    with _output(log) as output:
        code = _finish(_start(command, output, environment, folder), limit)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if code == 0:
        return text
    ended = f"did not end within {limit:.0f} s" if code is None else f"ended with code {code}"
    tail = "\n".join("    " + line for line in text.strip().splitlines()[-TAIL:])
    where = f"The whole output is in {shown(LOGS / log)}.log. " if log else ""
    raise Failure(
        f"`{Path(command[0]).name} {' '.join(command[1:3])}` {ended}:\n{tail}",
        remedy_for(text, f"{where}When the cause is mended, repeat the command."),
    )


def _output(log: Optional[str]) -> IO[bytes]:
    if log is None:
        return tempfile.TemporaryFile()
    LOGS.mkdir(parents=True, exist_ok=True)
    return (LOGS / f"{log}.log").open("w+b")


def _start(
    command: List[str], output: IO[bytes], environment: Optional[Dict[str, str]], folder: Path
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=str(folder),
            # A group of its own: tools start children, and a time-out or Ctrl-C must end those too.
            start_new_session=True,
        )
    except OSError as error:
        raise Failure(f"{command[0]} cannot be started: {error}", "Run `make clean setup`.") from error


def _finish(process: "subprocess.Popen[bytes]", limit: float) -> Optional[int]:
    """The exit code, or None when the time was over."""
    try:
        return process.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.returncode is None:
            end_group(process, grace=5)


def end_group(process: "subprocess.Popen[Any]", grace: float) -> None:
    """Ends a process that leads its own group, and all in it: asks first, forces after `grace` seconds. The members are
    waited for too, since some have processes of their own to end."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + grace
        try:
            os.killpg(process.pid, sign)
            while time.monotonic() < until:
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.05)
        except (ProcessLookupError, PermissionError):  # macOS says the latter of a group that has only just ended
            break
