"""Jobs that were given up: the customer does not wait for them, and an operator can see and revive them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import Console, Hub, Widget, eventually, until

from handoff_server import assistant, dispatcher
from handoff_server import tables as t
from handoff_server.settings import ROOT
from handoff_server.transaction import Tx

pytestmark = pytest.mark.asyncio
SECRET = "mi tarjeta se perdió"


def operator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The operator's own process beside the running hub."""
    return subprocess.run(
        [sys.executable, "-m", "handoff_server", "dead-letters", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{folder}/relevo.db"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


async def dead_letter(hub: Hub, kind: str, payload: dict[str, Any], lane: str = "one") -> int:
    row = {"kind": kind, "lane": lane, "payload": payload, "run_at": 1, "attempts": 5, "dead": True}

    def insert(tx: Tx) -> int:
        return int(tx.connection.execute(t.jobs.insert().values(**row, last_error="KeyError")).inserted_primary_key[0])

    return int(await hub.store.run(insert))


async def jobs(hub: Hub) -> list[dict[str, Any]]:
    rows = await hub.store.read(lambda connection: connection.execute(sa.select(t.jobs)).mappings().all())
    return [dict(row) for row in rows]


async def no_jobs(hub: Hub) -> bool:
    return not await jobs(hub)


async def test_a_turn_that_cannot_be_begun_dies_and_brings_a_person(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(dispatcher, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(assistant.turns, "begin", broken)
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m", text=SECRET)
        await until(lambda: widget.state.get("owner") == "queue")
        assert any("Perdona" in text for text in widget.texts())
    (job,) = await jobs(hub)
    assert (job["kind"], job["dead"], job["last_error"]) == ("bot_turn", True, "KeyError")


async def test_a_job_whose_matter_cannot_be_settled_dies_all_the_same(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "MAX_ATTEMPTS", 1)

    def add(tx: Tx) -> None:
        tx.add_job("bot_turn", "c-nobody", {"conversation_id": "c-nobody"})

    await hub.store.run(add)

    async def is_dead() -> bool:
        return any([job["dead"] for job in await jobs(hub)])

    await eventually(is_dead)


async def test_an_operator_sees_revives_and_drops_them_beside_the_running_hub(hub: Hub, tmp_path: Path) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        sent = await widget.call("send", client_message_id="m", text=SECRET)
        await until(lambda: len(hub.rasa.turns) == 1)
    about = {"message_id": sent["message"]["id"]}
    ids = [await dead_letter(hub, "send", about) for _ in range(3)]
    listed = operator(tmp_path)
    assert listed.returncode == 0 and SECRET not in listed.stdout
    for word in (str(ids[0]), "send", widget.conversation_id, "KeyError"):
        assert word in listed.stdout
    assert operator(tmp_path, "--drop", str(ids[0])).returncode == 0
    assert operator(tmp_path, "--retry", str(ids[1])).returncode == 0
    assert "1 will" in operator(tmp_path, "--retry", "all").stdout
    await eventually(lambda: no_jobs(hub))  # by the hub's own sweep
    gone = operator(tmp_path, "--retry", str(ids[0]))
    assert gone.returncode == 1 and str(ids[0]) in gone.stderr and "Traceback" not in gone.stderr


async def test_admins_and_supervisors_see_and_revive_them_and_it_is_noted(hub: Hub) -> None:
    job = await dead_letter(hub, "send", {"message_id": 0})
    supervisor, agent = await hub.log_in("lucia@demo.example"), await hub.log_in("marta@demo.example")
    async with httpx.AsyncClient(base_url=hub.url) as http, Console(hub, supervisor) as console:
        seen = await http.get("/api/v1/dead-letters", headers={"Cookie": supervisor})
        assert [letter["id"] for letter in seen.json()["dead_letters"]] == [job]
        revive = f"/api/v1/dead-letters/{job}/retry"
        assert (await http.get("/api/v1/dead-letters")).status_code == 401
        assert (await http.get("/api/v1/dead-letters", headers={"Cookie": agent})).status_code == 403
        assert (await http.post(revive, headers={"Cookie": agent})).status_code == 403
        foreign = {"Cookie": supervisor, "Origin": "https://evil.example"}
        assert (await http.post(revive, headers=foreign)).status_code == 403
        assert (await http.post(revive, headers={"Cookie": supervisor})).status_code == 204
        again = await http.post(revive, headers={"Cookie": supervisor})
        assert (again.status_code, again.json()["error"]["code"]) == (404, "unknown_job")
        await until(lambda: any(e["name"] == "dead_letter.retried" for e in console.records["events"].values()))
    (noted,) = [e for e in console.records["events"].values() if e["name"] == "dead_letter.retried"]
    assert noted["actor"]["name"] == "Lucía" and noted["data"]["job"] == job and SECRET not in json.dumps(noted)
    await eventually(lambda: no_jobs(hub))
