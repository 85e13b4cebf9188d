"""The channel of docs/adding-a-channel.md, taken from the page, carries a conversation."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from conftest import free_port, running_hub, served, spoken, until
from fastapi import FastAPI, Request

from handoff_server import app as composition
from handoff_server.channels.channel import Channel
from handoff_server.settings import ROOT, Settings


def pigeon(api_url: str) -> Channel:
    page = (ROOT / "docs" / "adding-a-channel.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(compile(found[1], "docs/adding-a-channel.md", "exec"), names)  # our own page
    channel: Channel = names["Pigeon"]("coop", "corn", api_url)
    return channel


@pytest.mark.asyncio
async def test_the_channel_of_the_page_is_a_whole_channel(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    letters: list[Mapping[str, Any]] = []
    sky, port = FastAPI(), free_port()

    @sky.post("/letters")
    async def take(request: Request) -> dict[str, str]:
        letters.append(await request.json())
        return {"id": f"l{len(letters)}"}

    def channels(_settings: Settings) -> dict[str, Channel]:
        return {"pigeon": pigeon(f"http://127.0.0.1:{port}")}

    async def answer(turn: dict[str, Any]) -> Any:
        buttons = [{"title": "Sí", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
        return spoken(turn, "¿Seguimos?", buttons=buttons)

    monkeypatch.setattr(composition, "set_up_channels", channels)
    async with (
        served(sky, port),
        running_hub(database, gather_ms=0) as hub,
        httpx.AsyncClient(base_url=hub.url) as http,
    ):
        hub.rasa.answer = answer

        async def writes(number: str, words: str, key: str = "corn") -> int:
            body = {"id": number, "from": "ana", "text": words}
            return (await http.post("/webhooks/pigeon", json=body, headers={"X-Pigeon-Key": key})).status_code

        assert [await writes("1", "hola"), await writes("1", "hola"), await writes("2", "x", "wheat")] == [
            200,
            200,
            401,
        ]
        await until(lambda: letters and letters[-1] == {"to": "ana", "text": "¿Seguimos?\n1. Sí\n2. No"})
        assert await writes("3", "2") == 200
        await until(lambda: [turn.get("payload") for turn in hub.rasa.turns] == [None, "/deny"])
