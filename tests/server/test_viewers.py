"""Who has a conversation open: told to all consoles while it is so, and not a moment longer."""

import asyncio
from typing import Any

import pytest
from conftest import Console, Hub, until

pytestmark = pytest.mark.asyncio


def told_to(console: Console) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []
    console.client.on("viewing", heard.append)
    return heard


def names(news: dict[str, Any]) -> list[str]:
    return [one["name"] for one in news["agents"]]


async def test_colleagues_hear_who_looks_and_that_somebody_went(hub: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, await hub.log_in("jorge@demo.example")) as jorge:
        heard = told_to(jorge)
        async with Console(hub, cookie) as marta, Console(hub, cookie) as window:
            await marta.call("view", conversation_id="c1")
            await window.call("view", conversation_id="c1")
            await until(lambda: heard)
            assert (heard[0]["conversation_id"], names(heard[0])) == ("c1", ["Marta"])
            assert (await jorge.call("snapshot"))["viewing"] == {"c1": [marta.me["id"]]}
            await jorge.call("view", conversation_id="c1")
            await until(lambda: names(heard[-1]) == ["Marta", "Jorge"])
            await marta.call("view", conversation_id=None)
            await asyncio.sleep(0.5)
            assert len(heard) == 2, "another window of hers shows it still"
        await until(lambda: names(heard[-1]) == ["Jorge"])
        assert (await jorge.call("sync", since=jorge.seq))["viewing"] == {"c1": [jorge.me["id"]]}
        await jorge.call("view", conversation_id=None)
        await until(lambda: heard[-1]["agents"] == [])
        assert (await jorge.call("sync", since=jorge.seq))["viewing"] == {}


async def test_who_goes_through_the_list_looks_only_where_they_stay(hub: Hub) -> None:
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
    ):
        heard = told_to(jorge)
        for number in range(20):
            await marta.call("view", conversation_id=f"c{number}")
        await until(lambda: any(news["conversation_id"] == "c19" for news in heard))
        assert len(heard) < 10
        assert heard[-1] == {"conversation_id": "c19", "agents": [{"id": marta.me["id"], "name": "Marta"}]}
