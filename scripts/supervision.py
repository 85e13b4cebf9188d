"""Runs the processes under supervisord, says what happens to them, and ends them all."""

import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from typing import IO, Dict

from scripts.commands import end_group
from scripts.failure import Failure
from scripts.layout import LOGS, ROOT, binary
from scripts.steps import seconds

CONFIGURATION = ROOT / "deploy" / "supervisord.conf"
NAMES = {"hub": "the hub", "rasa": "the assistant (Rasa)", "actions": "the action server", "simulator": "the simulator"}
# Longer than the longest stopwaitsecs of the configuration.
GRACE_S = 15
HUB_LIMIT_S = 60
BOT_LIMIT_S = 180

_ENDED = re.compile(r"exited: (\w+) \(.*not expected\)")
_GAVE_UP = re.compile(r"gave up: (\w+) ")


class Supervision:
    """The running supervisord. Use it in `with`: leaving ends every process, also after Ctrl-C or SIGTERM."""

    def __init__(self, settings: Dict[str, str]) -> None:
        self.settings = settings

    def __enter__(self) -> "Supervision":
        LOGS.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(
            [binary("server", "supervisord"), "-c", str(CONFIGURATION)],
            cwd=str(ROOT),
            env=self.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C reaches the terminal's whole group; supervisord is to hear it from us alone, once.
            start_new_session=True,
        )
        assert self.process.stdout  # noqa: S101  # tells the type checker what PIPE means
        threading.Thread(target=_tell, args=(self.process.stdout,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        end_group(self.process, GRACE_S)

    def wait_for_hub(self) -> None:
        self._wait(f"{self.settings['SERVER_URL']}/healthz", HUB_LIMIT_S, "hub")

    def wait_for_assistant(self) -> None:
        """Ready means: Rasa has its model, and the action server answers."""
        self._wait(f"http://127.0.0.1:{self.settings['ACTIONS_PORT']}/health", BOT_LIMIT_S, "actions")
        rasa = f"http://127.0.0.1:{self.settings['RASA_PORT']}/status?token={self.settings['RASA_TOKEN']}"
        self._wait(rasa, BOT_LIMIT_S, "rasa")

    def wait_for_end(self) -> None:
        self.process.wait()
        self._check("supervisord")

    def _wait(self, address: str, limit: float, name: str) -> None:
        began = time.monotonic()
        while not answers(address):
            self._check(name)
            if time.monotonic() - began > limit:
                raise Failure(f"{NAMES[name]} did not answer within {limit} s.", f"Look into var/log/{name}.log.")
            time.sleep(0.1)

    def _check(self, name: str) -> None:
        if self.process.poll() is not None:
            raise Failure(
                f"The supervisor ended with code {self.process.returncode}.",
                f"Look into var/log/supervisord.log and var/log/{name}.log.",
            )


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # our own http addresses only
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def announce(settings: Dict[str, str], began: float) -> None:
    origin = settings["SERVER_URL"]
    print(f"\nRelevo runs ({seconds(began)}).\n")
    print(f"  demo shop, with the chat   {origin}/demo/")
    print(f"  console of the agents      {origin}/console/")
    print(f"  pages of the HTTP API      {origin}/api/docs")
    if settings["SIMULATOR"] == "true":
        print(f"  phones of messaging apps   {origin}/simulator")
    print("\n  Logs are in var/log. Ctrl-C ends everything.\n\nThe assistant is starting …", flush=True)


def announce_log_ins(log_ins: str) -> None:
    if log_ins:
        print("\nDemo log-ins (shown only now; `make demo-passwords` sets new ones):")
        print("\n".join("  " + line for line in log_ins.splitlines()), flush=True)


def _tell(lines: IO[str]) -> None:
    """Only what a person must know; the rest is in var/log/supervisord.log."""
    for line in lines:
        told = sentence(line)
        if told:
            print(told, flush=True)


def sentence(line: str) -> str:
    """What a line of supervisord's log means for a person; empty when nothing."""
    gave_up = _GAVE_UP.search(line)
    if gave_up:
        name = gave_up.group(1)
        return f"{NAMES[name]} failed too often and stays down. Look into var/log/{name}.log, then start again."
    ended = _ENDED.search(line)
    if ended:
        name = ended.group(1)
        return f"{NAMES[name]} ended unexpectedly; it is being started again (var/log/{name}.log)."
    return ""
