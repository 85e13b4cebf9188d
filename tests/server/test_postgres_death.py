"""PostgreSQL dies under a hub with traffic: what was acknowledged is in the log once, and the hub comes back itself."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import Console, Hub, agents, eventually, migrate, until
from hub_process import HubProcess, hub_process
from postgres import Server, empty_database, mortal_postgres
from test_end import Chatter, said

from handoff_server import tables as t
from handoff_server.refusal import Refusal

DEATHS = 2


@pytest.mark.asyncio
async def test_what_was_acknowledged_before_postgresql_died_is_in_the_log_once_and_the_hub_comes_back(
    tmp_path: Path,
) -> None:
    with mortal_postgres() as server, empty_database(server.address) as database:
        async with hub_process(migrate(database), tmp_path) as (process, hub):
            await agents(hub.store)
            chatters = [Chatter(hub, await hub.widget_session()) for _ in range(4)]
            over = asyncio.Event()
            writing = [asyncio.create_task(_write_on(chatter, over)) for chatter in chatters]
            for _ in range(DEATHS):
                await _more_is_acknowledged(chatters)
                await _die_and_live_again(server, hub)
            await _more_is_acknowledged(chatters)
            over.set()
            await asyncio.gather(*writing)
            await _all_is_well(process, hub, chatters)


async def _write_on(chatter: Chatter, over: asyncio.Event) -> None:
    """Comes back whenever the hub has cut the widget off or could not let it in."""
    while not over.is_set():
        writing = asyncio.create_task(chatter.write())
        await asyncio.wait([writing, asyncio.create_task(over.wait())], return_when=asyncio.FIRST_COMPLETED)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)  # KeyError: `resume` was refused
        await asyncio.sleep(0.1)


async def _more_is_acknowledged(chatters: list[Chatter]) -> None:
    before = [len(chatter.acknowledged) for chatter in chatters]
    await until(lambda: all(len(one.acknowledged) > count + 3 for one, count in zip(chatters, before, strict=True)), 40)


async def _die_and_live_again(server: Server, hub: Hub) -> None:
    await asyncio.to_thread(server.die)
    async with httpx.AsyncClient(base_url=hub.url, timeout=20) as http:
        await eventually(lambda: _says(http, "/readyz", 503))
        assert (await http.get("/healthz")).status_code == 200
        body = {"key": "demo", "language": "es"}
        refused = await http.post("/widget/v1/sessions", json=body, headers={"Origin": hub.url})
        assert refused.status_code == 503 and refused.json()["error"]["code"] == "overloaded"
    await asyncio.to_thread(server.live_again)


async def _says(http: httpx.AsyncClient, path: str, status: int) -> bool:
    return (await http.get(path)).status_code == status


async def _all_is_well(process: HubProcess, hub: Hub, chatters: list[Chatter]) -> None:
    assert process.process.returncode is None, "the hub has not been started anew"
    await eventually(_calmly(lambda: _no_turn_is_left(hub)), 40)
    texts = await said(hub)
    acknowledged = [text for chatter in chatters for text in chatter.acknowledged]
    assert len(texts) == len(set(texts)), "nothing twice"
    assert set(acknowledged) <= set(texts), "nothing lost"
    turns = [turn["text"] for turn in hub.rasa.turns]
    assert len(turns) == len(set(turns)), "no turn is posted twice"
    async with Console(hub, await hub.log_in("marta@demo.example")) as console:
        newest = max(console.records["events"], default=0)
        assert console.seq >= newest and len(console.records["conversations"]) == len(chatters)


async def _no_turn_is_left(hub: Hub) -> bool:
    """Every customer has been answered, or has been handed over to people."""
    under_way = sa.select(sa.func.count()).where(t.turns.c.state == "posted")
    waiting = sa.select(sa.func.count()).where(t.jobs.c.kind == "bot_turn")
    return not await hub.store.read(lambda connection: connection.scalar(under_way) or connection.scalar(waiting))


def _calmly(question: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """The same question; a connection of ours that the death has broken is no answer."""

    async def asked() -> Any:
        try:
            return await question()
        except Refusal:
            return False

    return asked
