"""What leaves the log for those who improve the assistant: whole conversations, no more of people than is needed."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import Hub, Widget, on_each_database, spoken, until

from handoff_server import export
from handoff_server import tables as t
from handoff_server.contract import schema
from handoff_server.settings import ROOT
from handoff_server.store import Store
from handoff_server.transaction import Tx

pytestmark = pytest.mark.asyncio
VALID = jsonschema.Draft7Validator(schema("conversation"))


def exported(database: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, as a process beside whatever runs."""
    return subprocess.run(
        [sys.executable, "-m", "handoff_server", "export-conversations", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_a_conversation_leaves_whole_while_the_hub_runs(hub: Hub, tmp_path: Path) -> None:
    async def answer(turn: dict[str, Any]) -> dict[str, Any]:
        slots = {"email": "elena@example.com", "vip": True}
        intent = {"name": "nlu_fallback", "confidence": 0.6}
        return spoken(turn, "Perdona, no te entendí.", intent=intent, slots=slots)

    hub.rasa.answer = answer
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="mi tarjeta 4111 1111 1111 1111 no pasa")
        await until(lambda: "Perdona, no te entendí." in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: widget.state.get("owner") == "queue")
    done = await asyncio.to_thread(exported, f"sqlite:///{tmp_path}/relevo.db")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    VALID.validate(told)
    first = told["messages"][0]
    assert (first["author"], first["text"]) == ("customer", "mi tarjeta 411111******1111 no pasa")
    assert first["understanding"]["intent"]["name"] == "nlu_fallback"
    (turn,) = [one for one in told["turns"] if one["id"] == first["turn_id"]]
    assert turn["state"] == "answered" and turn["report"]["slots"] == {"vip": True}
    assert [one["reason"] for one in told["handoffs"]] == ["customer_request"]
    assert [one["id"] for one in told["cases"]] == [first["case_id"]]
    assert "elena@example.com" not in line


async def a_conversation(store: Store, name: str, at: int) -> None:
    def insert(tx: Tx) -> None:
        tx.connection.execute(t.customers.insert().values(id=f"u-{name}", name="Elena Paz", created_at=at))
        given = {"id": name, "customer_id": f"u-{name}", "channel": "whatsapp", "account": "1", "external_id": name}
        state = {"language": "es", "owner": "agent", "epoch": 2, "stretch": 1, "stretch_turns": 1, "turned_id": 0}
        rest = {"carried": {}, "last_message_id": 0, "unread": 0, "created_at": at, "updated_at": at, "last_at": at}
        tx.connection.execute(t.conversations.insert().values(**given, **state, **rest))
        for author, private in (("customer", False), ("agent", True), ("agent", False)):
            said = {"conversation_id": name, "channel": "whatsapp", "account": "1", "author": author, "text": author}
            about = {"direction": "incoming" if author == "customer" else "outgoing", "private": private, "buttons": []}
            more = {"author_name": "Marta Ruiz", "delivery": "sent", "epoch": 2, "created_at": at}
            tx.connection.execute(t.messages.insert().values(**said, **about, **more))

    await store.run(insert)


@on_each_database
async def test_pages_end_nowhere_too_early_and_old_ones_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PAGE", 2)
    for number in range(5):
        await a_conversation(store, f"c{number}", at=1_000 * (number + 1))
    found = await store.read(lambda connection: list(export.conversations(connection, since=2_000)))
    assert [one["id"] for one in found] == ["c1", "c2", "c3", "c4"]
    for one in found:
        VALID.validate(one)
        assert [message["text"] for message in one["messages"]] == ["customer", "agent"]
        assert "Marta" not in str(one) and "Elena" not in str(one)


async def test_without_a_log_or_with_odd_days_it_says_what_to_do(tmp_path: Path) -> None:
    none = await asyncio.to_thread(exported, f"sqlite:///{tmp_path}/none.db")
    assert none.returncode == 1 and "start Relevo once" in none.stderr
    odd = await asyncio.to_thread(exported, f"sqlite:///{tmp_path}/none.db", "--days", "0")
    assert odd.returncode == 2 and "'0' is not a number of days from 1 to 3650" in odd.stderr
