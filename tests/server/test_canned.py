"""Canned replies, through real sockets."""

from typing import Any

import pytest
from conftest import Console, Hub, Widget, on_each_database, until

from handoff_server.demo_replies import REPLIES
from handoff_server.service import canned

pytestmark = pytest.mark.asyncio
TEXTS = {"es": "Hola, {customer}. Tu pedido {order} va en camino.", "en": "Hi {customer}"}


async def keep(console: Console, shortcut: str = "en-camino", own: bool = True, **more: Any) -> dict[str, Any]:
    return await console.call("keep_canned", **({"id": None, "shortcut": shortcut, "texts": TEXTS, "own": own} | more))


async def listed(console: Console) -> dict[str, dict[str, Any]]:
    return {one["shortcut"]: one for one in (await console.call("canned"))["canned"]}


@on_each_database
async def test_everybodys_are_kept_by_supervisors_and_ones_own_by_oneself(hub: Hub) -> None:
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
    ):
        told: list[Any] = []
        marta.client.on("canned", told.append)
        shared = (await keep(lucia, own=False))["id"]
        await until(lambda: told)
        mine = (await keep(marta, "señal"))["id"]
        assert await listed(marta) == {
            "en-camino": {"id": shared, "shortcut": "en-camino", "texts": TEXTS, "own": False, "used": 0},
            "señal": {"id": mine, "shortcut": "señal", "texts": TEXTS, "own": True, "used": 0},
        }
        assert list(await listed(lucia)) == ["en-camino"]

        assert (await keep(marta, own=False))["error"]["code"] == "forbidden"
        assert (await keep(marta, "otra", own=False, id=shared))["error"]["code"] == "forbidden"
        assert (await marta.call("drop_canned", id=shared))["error"]["code"] == "forbidden"
        assert (await lucia.call("drop_canned", id=mine))["error"]["code"] == "invalid_request"

        assert (await keep(lucia, "camino", own=False, id=shared, texts={"es": "Va", "en": ""}))["id"] == shared
        assert (await listed(marta))["camino"]["texts"] == {"es": "Va", "en": ""}
        assert (await marta.call("drop_canned", id=mine))["ok"]
        assert list(await listed(marta)) == ["camino"]


async def test_a_shortcut_is_unique_for_everybody_and_again_for_oneself(hub: Hub) -> None:
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
        Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
    ):
        first = await keep(marta)
        assert (await keep(lucia, own=False))["ok"] and (await keep(jorge))["ok"]
        assert "taken" in (await keep(marta))["error"]["message"]
        assert (await keep(marta, id=first["id"]))["ok"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"shortcut": "En camino"}, "shortcut"),
        ({"shortcut": "x" * 41}, "shortcut"),
        ({"texts": {"es": "Hola, {nombre}"}}, "{nombre}"),
        ({"texts": {"es": "Hola, {}"}}, "{}"),
        ({"texts": {"pt": "Oi"}}, "pt"),
        ({"texts": {"es": " ", "en": ""}}, "empty"),
        ({"texts": {"es": 7}}, "texts.es"),
        ({"texts": {"es": "x" * 2_001}}, "2000"),
        ({"texts": "Hola"}, "texts"),
    ],
)
async def test_a_wrong_one_is_refused_with_the_remedy(hub: Hub, wrong: dict[str, Any], word: str) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        assert word in (await keep(marta, **wrong))["error"]["message"]
        assert await listed(marta) == {}


async def test_its_use_is_counted_once_for_each_message(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        await widget.call("ask_human", client_message_id="m1")
        await until(lambda: widget.conversation_id in marta.records["conversations"])
        canned_id = (await keep(marta))["id"]
        assert (await marta.ask("claim", widget.conversation_id))["ok"]
        await until(lambda: marta.records["conversations"][widget.conversation_id]["owner"] == "agent")
        reply = {"client_message_id": "a1", "text": "Va en camino", "private": False, "canned": canned_id}
        for _ in range(2):
            assert (await marta.ask("reply", widget.conversation_id, **reply))["ok"]
        gone = reply | {"client_message_id": "a2", "canned": "r-dropped"}
        assert (await marta.ask("reply", widget.conversation_id, **gone))["ok"]
        assert (await listed(marta))["en-camino"]["used"] == 1


async def test_those_of_the_demo_are_good_ones_and_come_once(hub: Hub) -> None:
    await hub.store.run(canned.start_with, REPLIES)
    await hub.store.run(canned.start_with, REPLIES)
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        there = await listed(marta)
        assert len((await marta.call("canned"))["canned"]) == len(REPLIES)
    assert there.keys() == REPLIES.keys()
    assert all(one["texts"]["es"] and one["texts"]["en"] for one in there.values())
