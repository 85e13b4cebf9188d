"""The hub as a process of its own, as operators run it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from conftest import Hub, ScriptedRasa, eventually, free_port, served

from handoff_server.settings import ROOT
from handoff_server.store import Store

END_SECONDS = 12  # as deploy/supervisord.conf


class HubProcess:
    """Started and ended as often as a test wants, always on the same port."""

    def __init__(self, database: str, rasa_port: int, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._environment = {
            **os.environ,
            "RELEVO_PORT": str(self.port),
            "DATABASE_URL": database,
            "MEDIA_DIR": str(log.parent / "media"),
            "RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "RASA_TOKEN": "rasa-token",
            "HANDOFF_TOKEN": "handoff-token",
        }

    async def start(self) -> None:
        command = [sys.executable, "-m", "handoff_server", "serve"]
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        await eventually(self._answers, 30)

    async def end(self) -> int:
        """Asks it to end, as a supervisor does, and waits as long as a supervisor would."""
        self.process.terminate()
        async with asyncio.timeout(END_SECONDS):
            return await self.process.wait()

    async def _answers(self) -> bool:
        assert self.process.returncode is None, self.log.read_text()
        try:
            async with httpx.AsyncClient(base_url=self.url) as http:
                return (await http.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return False


@asynccontextmanager
async def hub_process(database: str, folder: Path) -> AsyncIterator[tuple[HubProcess, Hub]]:
    """A running hub process, and the hub as clients see it. (`store` is another process's: ours.)"""
    rasa, rasa_port = ScriptedRasa(), free_port()
    store = Store(database)
    async with served(rasa.app(), rasa_port):
        await store.start()
        process = HubProcess(database, rasa_port, folder / "hub.log")
        await process.start()
        try:
            yield process, Hub(process.url, store, rasa, folder / "media")
        finally:
            if process.process.returncode is None:
                process.process.kill()
                await process.process.wait()
            await store.stop()
