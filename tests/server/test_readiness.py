"""Whether conversations can be had: `/readyz` says what is wrong, and never takes the assistant for a condition."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import Hub, Widget, eventually, failing, until

from handoff_server import readiness, store
from handoff_server.breaker import FAILED_CONVERSATIONS

pytestmark = pytest.mark.asyncio


async def ready(hub: Hub) -> httpx.Response:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        assert (await http.get("/healthz")).status_code == 200, "the process answers, whatever the store does"
        return await http.get("/readyz")


async def test_a_hub_that_is_well_is_ready_and_tells_of_its_assistant_and_jobs(hub: Hub) -> None:
    answer = await ready(hub)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "problems": [],
        "assistant": "up",
        "jobs": 0,
        "dead_letters": 0,
        "queued_changes": 0,
    }


async def test_a_hub_that_cannot_write_says_so_and_is_ready_again_by_itself(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(readiness, "HOLDS_MS", 0)
    other = sqlite3.connect(tmp_path / "relevo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = await ready(hub)
    assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
    assert answer.json()["problems"] == ["the database cannot be written"]
    other.execute("ROLLBACK")
    other.close()

    async def is_ready() -> bool:
        return (await ready(hub)).status_code == 200

    await eventually(is_ready)


async def test_however_often_it_is_asked_the_store_is_asked_rarely(hub: Hub) -> None:
    commits: list[Any] = []
    hub.store.listen(commits.append)
    async with httpx.AsyncClient(base_url=hub.url) as http:
        answers = await asyncio.gather(*(http.get("/readyz") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(commits) < 20


async def test_too_many_waiting_changes_are_a_reason(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.Store, "queued", store.MAX_QUEUED)
    answer = await ready(hub)
    assert answer.status_code == 503 and str(store.MAX_QUEUED) in answer.json()["problems"][0]


async def test_an_assistant_that_is_down_is_told_and_is_no_reason(hub: Hub) -> None:
    async def gone(_turn: dict[str, Any]) -> Any:
        return failing(503)

    hub.rasa.answer = gone
    for number in range(FAILED_CONVERSATIONS):
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id=f"m{number}", text="hola")
            await until(lambda widget=widget: widget.state.get("owner") == "queue")
    answer = await ready(hub)
    assert (answer.status_code, answer.json()["assistant"]) == (200, "down")
