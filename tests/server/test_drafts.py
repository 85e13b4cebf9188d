"""Drafts, through real sockets: nothing typed is lost, nothing old comes back, and nobody else reads them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from conftest import Console, Hub, Widget, on_each_database, until

from handoff_server.service import drafts

pytestmark = pytest.mark.asyncio


class Desk:
    """Two consoles of Marta, one of Jorge, and a conversation that Marta has."""

    def __init__(self, hub: Hub, here: Console, there: Console, jorge: Console, widget: Widget) -> None:
        self.hub, self.here, self.there, self.jorge, self.widget = hub, here, there, jorge, widget
        self.id = widget.conversation_id
        self.heard: dict[str, list[dict[str, Any]]] = {"here": [], "there": [], "jorge": []}
        for name, console in (("here", here), ("there", there), ("jorge", jorge)):
            console.client.on("draft", self.heard[name].append)

    async def draft(self, console: Console, text: str, updated_at: int, kind: str = "reply") -> dict[str, Any]:
        return await console.call("draft", conversation_id=self.id, kind=kind, text=text, updated_at=updated_at)

    async def kept(self, console: Console) -> list[str]:
        return [one["text"] for one in (await console.call("snapshot"))["drafts"]]


@pytest_asyncio.fixture
async def desk(hub: Hub) -> AsyncIterator[Desk]:
    cookie = await hub.log_in("marta@demo.example")
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, cookie) as here,
        Console(hub, cookie) as there,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
    ):
        await widget.call("ask_human", client_message_id="m1")
        await until(lambda: widget.conversation_id in here.records["conversations"])
        assert (await here.ask("claim", widget.conversation_id))["ok"]
        await until(lambda: here.records["conversations"][widget.conversation_id]["owner"] == "agent")
        yield Desk(hub, here, there, jorge, widget)


@on_each_database
async def test_a_draft_is_there_on_the_agents_other_console_and_nowhere_else(desk: Desk) -> None:
    assert (await desk.draft(desk.here, "Hola, reviso", 1_000))["updated_at"] == 1_000
    await until(lambda: desk.heard["there"])
    told = desk.heard["there"][0]
    assert {name: told[name] for name in ("conversation_id", "kind", "text", "updated_at")} == {
        "conversation_id": desk.id,
        "kind": "reply",
        "text": "Hola, reviso",
        "updated_at": 1_000,
    }
    assert (await desk.draft(desk.here, "nota", 1_000, kind="note"))["ok"]
    assert sorted(await desk.kept(desk.there)) == ["Hola, reviso", "nota"]
    assert await desk.kept(desk.jorge) == []
    assert desk.heard["here"] == [] and desk.heard["jorge"] == []


async def test_what_was_typed_before_does_not_replace_what_is_newer_and_the_console_hears_it(desk: Desk) -> None:
    await desk.draft(desk.there, "lo último", 2_000)
    answer = await desk.draft(desk.here, "viejo", 1_500)
    assert answer["newer"]["text"] == "lo último"
    assert await desk.kept(desk.here) == ["lo último"]
    assert (await desk.draft(desk.here, "lo último y más", answer["newer"]["updated_at"] + 1))["newer"] is None
    assert await desk.kept(desk.there) == ["lo último y más"]


async def test_a_clock_that_is_ahead_keeps_nobody_from_typing(desk: Desk) -> None:
    far = await desk.draft(desk.here, "del futuro", 2**52)
    assert far["updated_at"] < 2**52
    await asyncio.sleep(0.01)
    assert (await desk.draft(desk.there, "de ahora", far["updated_at"] + 1))["newer"] is None
    assert await desk.kept(desk.here) == ["de ahora"]


async def test_an_emptied_draft_does_not_come_back_from_a_console_that_was_away(desk: Desk) -> None:
    await desk.draft(desk.here, "borrador", 1_000)
    await desk.draft(desk.here, "", 2_000)
    assert await desk.kept(desk.here) == []
    assert (await desk.draft(desk.there, "borrador", 1_000))["newer"]["text"] == ""
    assert await desk.kept(desk.there) == []


async def test_what_was_sent_is_no_draft_any_more_but_what_was_typed_on_is(desk: Desk) -> None:
    await desk.draft(desk.here, "Ya salió tu pedido \n", 1_000)
    await desk.draft(desk.here, "llamar al almacén", 1_000, kind="note")
    reply = {"client_message_id": "a1", "text": "Ya salió tu pedido", "private": False}
    assert (await desk.here.ask("reply", desk.id, **reply))["ok"]
    assert await desk.kept(desk.there) == ["llamar al almacén"]
    await desk.draft(desk.here, "Ya salió tu pedido y llega", 2**52)
    assert (await desk.here.ask("reply", desk.id, **(reply | {"client_message_id": "a2"})))["ok"]
    assert "Ya salió tu pedido y llega" in await desk.kept(desk.there)


async def test_a_resolved_conversation_keeps_what_was_typed(desk: Desk) -> None:
    await desk.draft(desk.here, "por si vuelve", 1_000)
    assert (await desk.here.ask("resolve", desk.id, disposition="solved", note=None))["ok"]
    assert await desk.kept(desk.here) == ["por si vuelve"]


async def test_card_numbers_are_masked_in_drafts_too(desk: Desk) -> None:
    await desk.draft(desk.here, "tarjeta 4111 1111 1111 1111", 1_000)
    assert await desk.kept(desk.there) == ["tarjeta 411111******1111"]


async def test_the_oldest_drafts_go_when_there_are_too_many(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST", 2)
    await desk.draft(desk.here, "", 5_000, kind="note")
    await desk.draft(desk.here, "uno", 1_000)
    async with Widget(desk.hub, await desk.hub.widget_session()) as other:
        await other.call("send", client_message_id="m1", text="hola")
        for number, kind in enumerate(("reply", "note")):
            await desk.here.call(
                "draft", conversation_id=other.conversation_id, kind=kind, text=kind, updated_at=2_000 + number
            )
    assert await desk.kept(desk.here) == ["note", "reply"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "letter"}, "invalid_request"),
        ({"text": None}, "invalid_request"),
        ({"text": "x" * 20_001}, "too_large"),
        ({"updated_at": -1}, "invalid_request"),
        ({"conversation_id": "c-none"}, "unknown_conversation"),
    ],
)
async def test_a_wrong_draft_is_refused_by_name(desk: Desk, wrong: dict[str, Any], code: str) -> None:
    right = {"conversation_id": desk.id, "kind": "reply", "text": "hola", "updated_at": 1}
    answer = await desk.here.call("draft", **(right | wrong))
    assert answer["error"]["code"] == code
    assert code == "unknown_conversation" or next(iter(wrong)) in answer["error"]["message"]
