"""A hub under test: a real store on a real file, a real uvicorn, real Socket.IO clients. Only Rasa is played, by a real
HTTP server of a few lines that speaks the contract; the real Rasa meets the hub in tests/end_to_end."""

import asyncio
import atexit
import json
import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import socketio
import uvicorn
from alembic import command
from alembic.config import Config
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import HealthCheck, settings
from postgres import empty_database, postgres

from handoff_server.app import create_app
from handoff_server.contract import FOLDER
from handoff_server.service import accounts
from handoff_server.settings import ROOT, Settings
from handoff_server.store import Store

# The suite looks at the same examples every time; HYPOTHESIS_PROFILE=long looks for new ones, for a long time.
settings.register_profile("suite", max_examples=20, derandomize=True, deadline=None, database=None)
settings.register_profile(
    "long", max_examples=1500, stateful_step_count=80, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
PASSWORD = "correct horse battery"
# A real hash, verified as any other; only its cost, which its own text states, is not that of production.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
# Reading the certificates of the world takes longer than most tests ask for; nobody here needs them.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def migrated(path: Path) -> str:
    """A copy of what the migrations make of an empty file: all tests begin alike, and they run once."""
    shutil.copyfile(_migrated_once(), path / "relevo.db")
    return f"sqlite:///{path}/relevo.db"


@cache
def _migrated_once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="relevo-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrate(f"sqlite:///{folder}/relevo.db")
    return folder / "relevo.db"


def migrate(url: str) -> str:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "handoff_server" / "migrations"))
    config.attributes["url"] = url
    command.upgrade(config, "head")
    return url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def template(postgres_server: str) -> Iterator[str]:
    """A migrated database on PostgreSQL that others are copied from."""
    with empty_database(postgres_server) as url:
        yield migrate(url)


on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database: SQLite, unless the test is marked `on_each_database`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield migrated(tmp_path)
        return
    server, template = (request.getfixturevalue(name) for name in ("postgres_server", "template"))
    with empty_database(server, template) as url:
        yield url


@pytest_asyncio.fixture
async def store(database: str) -> AsyncIterator[Store]:
    opened = Store(database)
    await opened.start()
    yield opened
    await opened.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def served(asgi: Any, port: int) -> AsyncIterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(
            asgi,
            port=port,
            log_level="warning",
            proxy_headers=False,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
        )
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the server ended before it started"
        await asyncio.sleep(0.01)
    yield
    server.should_exit = True
    await task


@dataclass
class ScriptedRasa:
    """Speaks the contract. `answer` decides about each turn; what was asked is kept."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[dict[str, Any]], Awaitable[Any]] | None = None
    forgotten: list[dict[str, Any]] = field(default_factory=list)
    entities: list[dict[str, Any]] = field(default_factory=list)  # of what it understands
    intents: list[Any] | None = field(
        default_factory=lambda: ["order_status", {"refund": {"use_entities": []}}, "rate"]
    )
    domains: int = 0  # how often it was asked for its domain

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/webhooks/hub/webhook")
        async def turn(request: Request) -> Any:
            assert request.headers["authorization"] == "Bearer rasa-token"
            body = await request.json()
            self.turns.append(body)
            return await self.answer(body) if self.answer else spoken(body, f"eco: {body.get('text')}")

        @app.post("/webhooks/hub/forget")
        async def forget(request: Request) -> Any:
            self.forgotten.append(await request.json())
            return {"version": 1, "events": 3}

        @app.get("/domain")
        async def domain(request: Request) -> Any:
            assert request.query_params["token"] == "rasa-token"
            assert request.headers["accept"] == "application/json"
            self.domains += 1
            if self.intents is None:
                return failing(503)
            return {"version": "3.1", "intents": self.intents}

        @app.post("/model/parse")
        async def parse(request: Request) -> Any:
            return {
                "intent": {"name": "order_status", "confidence": 0.9},
                "intent_ranking": [],
                "entities": self.entities,
            }

        @app.get("/webhooks/hub/skills")
        async def skills() -> Any:
            return json.loads((FOLDER / "examples" / "skills_response.two.json").read_text(encoding="utf-8"))

        return app


def spoken(
    turn: dict[str, Any], *texts: str, buttons: list[dict[str, str]] | None = None, **report: Any
) -> dict[str, Any]:
    """A turn response that says these texts."""
    said = [{"text": text, "buttons": buttons or [], "image": None, "response": "utter_x"} for text in texts]
    about = {
        "turn_id": turn["turn_id"],
        "intent": {"name": "order_status", "confidence": 0.93},
        "intent_ranking": [{"name": "order_status", "confidence": 0.93}],
        "entities": [],
        "sentiment": None,
        "language": turn["language"],
        "decision": {"action": "none", "reason": None, "evidence": None, "rules_version": "1"},
        "skill": None,
        "slots": {},
        "form": None,
    }
    return {"version": 1, "turn_id": turn["turn_id"], "messages": said, "report": about | report}


def failing(status: int) -> JSONResponse:
    return JSONResponse({"error": {"code": "turn_failed", "message": "…"}}, status)


@dataclass
class Hub:
    url: str
    store: Store
    rasa: ScriptedRasa
    media: Path

    async def log_in(self, email: str) -> str:
        """The session cookie of an agent."""
        async with httpx.AsyncClient(base_url=self.url, verify=NO_TLS) as http:
            answer = await http.post("/api/v1/session", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            return f"relevo_session={answer.cookies['relevo_session']}"

    async def widget_session(self, language: str = "es") -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.url, verify=NO_TLS) as http:
            answer = await http.post(
                "/widget/v1/sessions",
                json={"key": "demo", "language": language},
                headers={"Origin": self.url},
            )
            assert answer.status_code == 201, answer.text
            found: dict[str, Any] = answer.json()
            return found


class Console:
    """A real console: applies every frame as docs/protocol.md says."""

    def __init__(self, hub: Hub, cookie: str, transports: Sequence[str] = ("websocket",)) -> None:
        self.hub, self.cookie, self.transports = hub, cookie, list(transports)
        self.client = socketio.AsyncClient(reconnection=False)
        self.seq = 0
        self.gaps = 0
        self.early: list[dict[str, Any]] | None = []  # frames that come before the snapshot
        self.records: dict[str, dict[Any, Any]] = {
            "conversations": {},
            "messages": {},
            "events": {},
            "agents": {},
        }
        self.client.on("change", self.apply)

    async def __aenter__(self) -> "Console":
        await self.client.connect(
            self.hub.url,
            socketio_path="/console/socket.io",
            headers={"Cookie": self.cookie},
            transports=self.transports,
            wait_timeout=10,
        )
        answer = await self.call("snapshot")
        early, self.early = self.early or [], None
        for frame in (answer["change"], *early):
            self.apply(frame)
        self.me = answer["me"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()

    async def call(self, event: str, **data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, data, timeout=10)
        return answer

    async def ask(self, event: str, conversation_id: str, **data: Any) -> dict[str, Any]:
        """A call about a conversation, with the epoch that this console knows."""
        epoch = self.records["conversations"][conversation_id]["epoch"]
        return await self.call(event, conversation_id=conversation_id, epoch=epoch, **data)

    def apply(self, frame: dict[str, Any]) -> None:
        if self.early is not None:
            self.early.append(frame)
            return
        if not frame.get("reset") and frame["after"] != self.seq:
            if frame["seq"] > self.seq:
                self.gaps += 1
            return
        self.seq = frame["seq"]
        for kind, records in self.records.items():
            records.update({one["seq" if kind == "events" else "id"]: one for one in frame[kind]})

    def log(self, conversation_id: str) -> list[dict[str, Any]]:
        mine = [one for one in self.records["messages"].values() if one["conversation_id"] == conversation_id]
        return sorted(mine, key=lambda one: one["id"])

    def texts(self, conversation_id: str) -> list[str]:
        return [one["text"] for one in self.log(conversation_id)]


class Widget:
    """A real widget on its own token."""

    def __init__(self, hub: Hub, session: dict[str, Any]) -> None:
        self.hub, self.session = hub, session
        self.client = socketio.AsyncClient(reconnection=False)
        self.messages: dict[int, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.client.on("message", lambda one: self.messages.__setitem__(one["id"], one))
        self.client.on("state", lambda state: self.state.update(state))

    @property
    def conversation_id(self) -> str:
        return str(self.session["conversation_id"])

    async def __aenter__(self) -> "Widget":
        await self.client.connect(
            self.hub.url,
            socketio_path="/widget/socket.io",
            headers={"Origin": self.hub.url},
            auth={"token": self.session["token"]},
            transports=["websocket"],
            wait_timeout=10,
        )
        answer = await self.call("resume", since=0)
        self.messages = {one["id"]: one for one in answer["messages"]}
        self.state = answer["state"]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.disconnect()

    async def call(self, event: str, **data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.client.call(event, data, timeout=10)
        return answer

    def texts(self) -> list[str]:
        return [self.messages[key]["text"] for key in sorted(self.messages)]


async def until(condition: Callable[[], Any], seconds: float = 8) -> Any:
    """Waits for what must become true."""
    async with asyncio.timeout(seconds):
        while not (found := condition()):  # noqa: ASYNC110  # any condition of the test, not one event
            await asyncio.sleep(0.02)
        return found


def media_beside(database: str) -> Path:
    """Where a hub on this database keeps files: none of them outlives the test."""
    if database.startswith("sqlite:///"):
        return Path(database.removeprefix("sqlite:///")).parent / "media"
    folder = Path(tempfile.mkdtemp(prefix="relevo-media-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@asynccontextmanager
async def running_hub(database: str, port: int = 0, **more: Any) -> AsyncIterator[Hub]:
    """A hub on this database, on a free port unless told; `more` are settings."""
    rasa, rasa_port, port = ScriptedRasa(), free_port(), port or free_port()
    told = {
        "media_dir": media_beside(database),
        "rasa_token": "rasa-token",
        "handoff_token": "handoff-token",
        "turn_deadline_ms": 1000,
        "teams_file": None,
    } | more
    settings = Settings(
        _env_file=None, RELEVO_PORT=port, database_url=database, rasa_url=f"http://127.0.0.1:{rasa_port}", **told
    )
    app = create_app(settings)
    async with served(rasa.app(), rasa_port), served(app.asgi, port):
        yield Hub(f"http://127.0.0.1:{port}", app.store, rasa, settings.media_dir)


async def agents(store: Store) -> None:
    for name in ("marta", "jorge"):
        await store.run(accounts.create_agent, f"{name}@demo.example", name.title(), "agent", PASSWORD_HASH)
    await store.run(accounts.create_agent, "lucia@demo.example", "Lucía", "supervisor", PASSWORD_HASH)


async def eventually(question: Callable[[], Awaitable[Any]], seconds: float = 15) -> None:
    """Asks until the answer is yes."""
    async with asyncio.timeout(seconds):
        while not await question():  # noqa: ASYNC110  # the answer is in another process or in the database
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture
async def hub(database: str) -> AsyncIterator[Hub]:
    async with running_hub(database) as running:
        await agents(running.store)
        yield running
