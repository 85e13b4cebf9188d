"""Runs one outer command: its output goes to a log, its failure becomes a sentence."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Dict, List, Optional

from scripts.failure import Failure, remedy_for
from scripts.layout import LOGS, ROOT, shown

TAIL = 20


def run(
    command: List[str],
    log: str,
    limit: float = 900,
    environment: Optional[Dict[str, str]] = None,
    folder: Path = ROOT,
) -> str:
    """Runs `command` for at most `limit` seconds and returns its output; raises Failure with the end of the log."""
    file = LOGS / f"{log}.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as output:
        code = _finish(_start(command, output, environment, folder), limit)
    text = file.read_text(errors="replace")
    if code == 0:
        return text
    ended = f"did not end within {limit:.0f} s" if code is None else f"ended with code {code}"
    tail = "\n".join("    " + line for line in text.strip().splitlines()[-TAIL:])
    raise Failure(
        f"`{Path(command[0]).name} {' '.join(command[1:3])}` {ended}:\n{tail}",
        remedy_for(text, f"The whole output is in {shown(file)}. When the cause is mended, repeat the command."),
    )


def _start(
    command: List[str], output: object, environment: Optional[Dict[str, str]], folder: Path
) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,  # type: ignore[arg-type]  # an open file; its class is private in some versions
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


def end_group(process: "subprocess.Popen[bytes]", grace: float) -> None:
    """Ends a process that leads its own group, and all it started: asks first, forces after `grace` seconds."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
