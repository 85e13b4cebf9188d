"""What outlives a run, since it takes long to start: the real Rasa, the real action server, the nursery of the hubs, an
empty database to copy, and the gate between Rasa's side and the runs."""

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Protocol, Self

import aiohttp
from aiohttp import web

from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.service.accounts import AGENT_SESSION_MS, hashed
from handoff_server.store import open_engine
from tests.faults.databases import PostgreSQL
from tests.faults.understudy import Understudy
from tests.server.postgres import empty_database, postgres

ROOT = Path(__file__).parents[2]
BOT = str(ROOT / ".venv" / "bot" / "bin" / "python")
RASA_TOKEN, HANDOFF_TOKEN = "rasa-token", "handoff-token"
AGENTS = (("marta", "Marta", "agent"), ("jorge", "Jorge", "agent"), ("lucia", "Lucía", "supervisor"))


class Player(Protocol):
    """A run, as the gate knows it."""

    async def action(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse: ...

    async def handoff(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse: ...


class Stage:
    """`async with Stage(folder, ports) as stage`. Runs are found by their conversations: see `runs`."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self.folder = folder
        self.rasa_port, self.actions_port, self.gate_port = ports
        self.rasa_url = f"http://127.0.0.1:{self.rasa_port}"
        self.actions_url = f"http://127.0.0.1:{self.actions_port}"
        self.runs: dict[str, Player] = {}  # conversation id → its run
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._ordering = asyncio.Lock()
        self._opened = contextlib.ExitStack()
        self._postgres: tuple[str, str] | None = None
        self._starting = threading.Lock()

    async def __aenter__(self) -> Self:
        self.http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True), timeout=aiohttp.ClientTimeout(30)
        )
        self._prepare_data()
        await self._open_gate()
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.nursery", cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._keepers = [asyncio.create_task(self._keep(name)) for name in ("rasa", "actions")]
        await self.assistant_ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for process in self._processes.values():
            process.kill()
            process.wait()
        assert self._nursery.stdin
        self._nursery.stdin.close()
        await self._nursery.wait()
        await self._gate.cleanup()
        self._opened.close()
        await self.http.close()

    def turns_url(self, assistant: str) -> str:
        """Where the turns of a run go."""
        if assistant == "played":
            return f"http://127.0.0.1:{self.gate_port}/understudy"
        return f"{self.rasa_url}/webhooks/hub/webhook"

    async def assistant_ready(self) -> None:
        while not await self.answers(f"{self.rasa_url}/webhooks/hub/"):
            await asyncio.sleep(0.2)
        while not await self.answers(f"{self.actions_url}/health"):
            await asyncio.sleep(0.1)

    async def answers(self, url: str) -> bool:
        try:
            async with self.http.get(url, timeout=aiohttp.ClientTimeout(2)) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def birth(self, order: str) -> int:
        """The pid of a new hub."""
        assert self._nursery.stdin and self._nursery.stdout
        async with self._ordering:
            self._nursery.stdin.write(order.encode() + b"\n")
            return int(await self._nursery.stdout.readline())

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Ends `rasa` or `actions`; like the supervisor, the stage starts it again."""
        with contextlib.suppress(ProcessLookupError):
            self._processes[name].send_signal(number)

    def empty_database(self, path: Path) -> None:
        shutil.copyfile(self.folder / "empty.db", path)

    def postgresql(self) -> PostgreSQL:
        """An empty database on a server that is started when the first run wants one."""
        with self._starting:
            if not self._postgres:
                server = self._opened.enter_context(postgres())
                template = self._opened.enter_context(empty_database(server))
                _migrate(template)
                self._postgres = (server, template)
            return PostgreSQL(*self._postgres)

    # what has to be there first

    def _prepare_data(self) -> None:
        _migrate(f"sqlite:///{self.folder}/empty.db")
        seed = [BOT, "-m", "actions.backoffice.seed"]
        subprocess.run(seed, cwd=ROOT, env=self._environment(), check=True)

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "RASA_TOKEN": RASA_TOKEN,
            "HANDOFF_TOKEN": HANDOFF_TOKEN,
            "RASA_PORT": str(self.rasa_port),
            "RASA_TRACKER_DB": f"{self.folder}/rasa.db",
            "SHOP_DATABASE_URL": f"sqlite:///{self.folder}/shop.db",
            "ACTIONS_URL": f"http://127.0.0.1:{self.gate_port}/actions/webhook",
            "SERVER_URL": f"http://127.0.0.1:{self.gate_port}",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "SANIC_HOST": "127.0.0.1",
        }

    async def _keep(self, name: str) -> None:
        """Starts the process, and again whenever it is gone."""
        command = {
            "rasa": [BOT, "-m", "scripts.rasa_server"],
            "actions": [BOT, "-m", "rasa_sdk", "--actions", "actions", "-p", str(self.actions_port)],
        }[name]
        with (self.folder / f"{name}.log").open("ab") as log:
            while True:
                process = subprocess.Popen(  # noqa: ASYNC220  # forks, and returns at once
                    command, cwd=ROOT, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
                self._processes[name] = process
                while process.poll() is None:
                    await asyncio.sleep(0.1)

    # the gate: Rasa and its actions do not know of runs, so what they ask is given to the right one here

    async def _open_gate(self) -> None:
        app = web.Application(client_max_size=8_000_000)
        app.router.add_post("/actions/webhook", self._action)
        app.router.add_post("/api/v1/handoffs", self._handoff)
        understudy = Understudy(self.http, f"http://127.0.0.1:{self.gate_port}/api/v1/handoffs", HANDOFF_TOKEN)
        app.router.add_post("/understudy", understudy.turn)
        self._gate = web.AppRunner(app, shutdown_timeout=0.1)
        await self._gate.setup()
        await web.TCPSite(self._gate, "127.0.0.1", self.gate_port).start()

    async def _action(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        run = self.runs.get(str(body.get("sender_id")).partition(".")[0])
        return await run.action(request, body) if run else web.json_response({"error": "gone"}, status=500)

    async def _handoff(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        run = self.runs.get(str(body.get("sender")).partition(".")[0])
        return await run.handoff(request, body) if run else web.json_response({"error": "gone"}, status=503)


async def _body(request: web.Request) -> dict[str, Any]:
    """What was asked; nothing when the caller was killed while he asked."""
    try:
        body: dict[str, Any] = await request.json()
    except OSError:
        return {}
    return body


def _migrate(url: str) -> None:
    hub = [sys.executable, "-m", "handoff_server", "migrate"]
    subprocess.run(hub, cwd=ROOT, env=os.environ | {"DATABASE_URL": url}, check=True)
    _add_people(url)


def _add_people(url: str) -> None:
    """Agents who are logged in already: the cookie of each is `session-<id>`."""
    engine = open_engine(url)
    at = now()
    with engine.begin() as connection:
        for name, shown, role in AGENTS:
            agent = {"id": name, "email": f"{name}@demo.example", "name": shown, "role": role}
            connection.execute(t.agents.insert().values(**agent, presence="online", created_at=at))
            session = {"token_hash": hashed(f"session-{name}"), "agent_id": name, "created_at": at}
            connection.execute(t.agent_sessions.insert().values(**session, expires_at=at + 2 * AGENT_SESSION_MS))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
