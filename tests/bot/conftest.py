"""The real Rasa and the real action server as processes, and a small HTTP server in the hub's place."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
from hypothesis import settings

from actions.backoffice.database import Database
from actions.backoffice.seed import seed
from scripts.layout import MODEL
from scripts.model import train

# How long an example takes says more about what else runs than about what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "handoff_server" / "contract" / "v1"
TOKEN, HANDOFF_TOKEN = "rasa-test-token", "handoff-test-token"


def schema(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads((CONTRACT / f"{name}.schema.json").read_text("utf-8")))


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


class Hub(ThreadingHTTPServer):
    """Answers the assistant's actions as the hub does: checks token and schema, and keeps what is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.seconds = 0.0  # how long it thinks
        self.calm()

    def calm(self) -> None:
        """As it is before anybody has told it otherwise."""
        self.status = "queued"
        self.closed: dict[str, Any] = {}  # why nobody can be reached, beside the status
        self.survey, self.callback = "kept", "taken"
        self.cases: dict[str, dict[str, Any]] = {}  # by key; "" is the conversation's own
        self.taken: list[dict[str, Any]] = []  # handoffs
        self.asked: list[dict[str, Any]] = []  # everything else that was posted

    def answer(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if name == "handoff":
            self.taken.append(body)
            queued = self.status == "queued"
            told = {"status": self.status, "handoff_id": "h1" if queued else None, "agents_online": 1, **self.closed}
            return {"version": 1, **told, "position": 1 if queued else None}
        self.asked.append(body)
        if name == "callback":
            due = {"due_at": None, "time_zone": "America/Bogota", **self.closed}
            told = {"key": "K7QM-3XRD", "due_at": due.get("opens_at"), "time_zone": due["time_zone"]}
            return {"version": 1, "status": "cancelled" if body.get("cancel") else self.callback, **told}
        if name == "survey":
            return {"version": 1, "status": self.survey}
        return {"version": 1, "url": "https://help.example.com/transcript/aGVsbG8", "expires_at": 1_795_604_800_000}


class _Asked(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        name = self.path.rpartition("/")[2].removesuffix("s")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = self._authorised() and schema(f"{name}_request").is_valid(body)
        time.sleep(self.server.seconds)
        self._answer(201 if name == "handoff" else 200, self.server.answer(name, body)) if good else self._answer(
            400, {}
        )

    def do_GET(self) -> None:
        key = self.path.rpartition("/")[2] if "?" not in self.path else ""
        case = self.server.cases.get(key) if self._authorised() else None
        if case is not None:
            schema("case_response").validate(case)
        self._answer(200 if case else 404, case or {"error": {"code": "unknown_case", "message": "…"}})

    def _authorised(self) -> bool:
        return bool(self.headers["Authorization"] == f"Bearer {HANDOFF_TOKEN}")

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # the caller's patience is what some tests are about
            self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class Assistant:
    """The door that the hub uses. `say` is one turn of a conversation and checks the answer's schema."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/webhooks/hub/webhook"

    def post(self, body: Any, token: str = TOKEN) -> requests.Response:
        data = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return requests.post(self.url, data=data, headers={"Authorization": f"Bearer {token}"}, timeout=15)

    def say(self, sender: str, text: str, language: str = "es", **more: Any) -> dict[str, Any]:
        answer = self.post(turn(sender, text, language, **more))
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        schema("turn_response").validate(answered)
        return answered


def turn(sender: str, text: str, language: str = "es", **more: Any) -> dict[str, Any]:
    said = {"payload" if text.startswith("/") else "text": text}
    turn_id = f"t-{uuid.uuid4().hex}"
    return {"version": 1, "sender": sender, "turn_id": turn_id, "language": language, "deadline_ms": 8000} | said | more


def texts(answer: dict[str, Any]) -> str:
    return "\n".join(message["text"] for message in answer["messages"])


@pytest.fixture(scope="session")
def hub() -> Iterator[Hub]:
    with Hub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def sender() -> str:
    return f"c{uuid.uuid4().hex[:12]}.1"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> dict[str, str]:
    place = tmp_path_factory.mktemp("assistant")
    shop = f"sqlite:///{place}/shop.db"
    seed(Database(shop), date.today())
    return os.environ | {
        "RASA_TOKEN": TOKEN,
        "HANDOFF_TOKEN": HANDOFF_TOKEN,
        "SHOP_DATABASE_URL": shop,
        "SERVER_URL": f"http://127.0.0.1:{hub.server_address[1]}",
        "RASA_TRACKER_DB": f"{place}/rasa.db",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "SANIC_HOST": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }


@pytest.fixture(scope="session")
def model() -> Path:
    """As `make train` makes it: trained now, unless the present one was made from the very files as they are."""
    train()
    return MODEL


def start_rasa(model: Path, environment: dict[str, str], actions_port: int) -> tuple[subprocess.Popen[bytes], str]:
    port = free_port()
    command = [sys.executable, "-m", "rasa", "run", "--enable-api", "--auth-token", environment["RASA_TOKEN"]]
    command += ["--endpoints", "deploy/endpoints.yml"]
    command += ["-i", "127.0.0.1", "-p", str(port), "-m", str(model)]
    environment = environment | {"ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    wait_for(f"{url}/webhooks/hub/", process)
    return process, url


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.3)
    raise AssertionError(f"{url} did not answer within {seconds} s; exit code {process.poll()}")


@pytest.fixture(scope="session")
def assistant(model: Path, environment: dict[str, str]) -> Iterator[Assistant]:
    port = free_port()
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    actions = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port}/health", actions)
    rasa, url = start_rasa(model, environment, port)
    yield Assistant(url)
    for process in (rasa, actions):
        process.terminate()
        process.wait(20)


@pytest.fixture
def assistant_without_actions(model: Path, environment: dict[str, str]) -> Iterator[Assistant]:
    rasa, url = start_rasa(model, environment, free_port())
    yield Assistant(url)
    rasa.terminate()
    rasa.wait(20)
