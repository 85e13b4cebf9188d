"""The real assistant, started for one person: Rasa and the action server on free ports, with data of their own."""

import json
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List

from scripts.commands import end_group
from scripts.desk import Desk
from scripts.failure import Failure
from scripts.layout import LOGS, ROOT, binary
from scripts.supervision import BOT_LIMIT_S, answers

DEADLINE_MS = 8_000
SQLITE = "sqlite:///"


class TurnFailed(Exception):
    """The assistant has no answer; the message tells why."""


class PrivateAssistant:
    """`ask` it one turn of the contract. Use it in `with`: leaving ends both processes and forgets what was said.

    It works on a copy of the shop, unless SHOP_URL names a shop that cannot be copied.
    """

    def __init__(self, settings: Dict[str, str]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="relevo-chat-"))
        self._token = secrets.token_urlsafe(16)
        self._desk = Desk(secrets.token_urlsafe(16))
        rasa, actions = _free_port(), _free_port()
        self._url = f"http://127.0.0.1:{rasa}"
        self._health = f"http://127.0.0.1:{actions}/health"
        self._settings = {
            **settings,
            "RASA_PORT": str(rasa),
            "RASA_TOKEN": self._token,
            "ACTIONS_PORT": str(actions),
            "ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook",
            "SERVER_URL": self._desk.url,
            "HANDOFF_TOKEN": self._desk.token,
            "RASA_TRACKER_DB": str(self._folder / "rasa.db"),
            "SHOP_DATABASE_URL": _copy_of_the_shop(settings["SHOP_DATABASE_URL"], self._folder),
        }
        self._processes: List[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "PrivateAssistant":
        self._desk.__enter__()
        try:
            self._start("chat-actions", "rasa_sdk", "--actions", "actions", "-p", self._settings["ACTIONS_PORT"])
            self._start("chat-rasa", "scripts.rasa_server")
            self._wait(self._health, "chat-actions")
            self._wait(f"{self._url}/status?token={self._token}", "chat-rasa")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            end_group(process, grace=5)
        self._desk.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ask(self, turn: Dict[str, Any]) -> Dict[str, Any]:
        """A `turn_response` to a `turn_request`; TurnFailed when the assistant says that it has none."""
        request = urllib.request.Request(  # our own http address
            f"{self._url}/webhooks/hub/webhook",
            json.dumps({**turn, "deadline_ms": DEADLINE_MS}).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_MS / 1000 + 5) as answer:
                answered: Dict[str, Any] = json.load(answer)
                return answered
        except urllib.error.HTTPError as error:
            raise TurnFailed(json.load(error)["error"]["message"]) from None
        except OSError as error:
            self._check("chat-rasa")
            raise TurnFailed(str(error)) from None

    def handoffs(self) -> List[Dict[str, Any]]:
        """The requests for a person since the last time."""
        taken, self._desk.taken = self._desk.taken, []
        return taken

    def _start(self, log: str, *module: str) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"{log}.log").open("wb") as output:
            self._processes.append(
                subprocess.Popen(
                    [binary("bot", "python"), "-m", *module],
                    cwd=str(ROOT),
                    env=self._settings,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C reaches the terminal's whole group; they are to end after the talk, not before.
                    start_new_session=True,
                )
            )

    def _wait(self, address: str, log: str) -> None:
        began = time.monotonic()
        while not answers(address):
            self._check(log)
            if time.monotonic() - began > BOT_LIMIT_S:
                raise Failure(f"The assistant did not answer within {BOT_LIMIT_S} s.", f"Look into var/log/{log}.log.")
            time.sleep(0.2)

    def _check(self, log: str) -> None:
        if any(process.poll() is not None for process in self._processes):
            raise Failure("The assistant has ended by itself.", f"Look into var/log/{log}.log.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _copy_of_the_shop(url: str, folder: Path) -> str:
    """What is confirmed in a talk changes no shop that others use. Other databases than SQLite stay where they are."""
    file = ROOT / url[len(SQLITE) :]
    if not url.startswith(SQLITE) or not file.is_file():
        return url
    copy = folder / "shop.db"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return f"{SQLITE}{copy}"
