"""Accounts over HTTP: who makes them, what they may be, and that somebody is left to look after them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import PASSWORD, PASSWORD_HASH, Console, Hub, Widget, eventually, until

from handoff_server.service import accounts

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def admin(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    await hub.store.run(accounts.create_agent, "ada@demo.example", "Ada", "admin", PASSWORD_HASH)
    async with await door(hub, "ada") as http:
        yield http


async def door(hub: Hub, name: str) -> httpx.AsyncClient:
    cookie = await hub.log_in(f"{name}@demo.example")
    return httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie})


async def named(admin: httpx.AsyncClient, name: str) -> dict[str, Any]:
    found = (await admin.get("/api/v1/agents")).json()["agents"]
    return dict(next(one for one in found if one["name"] == name))


async def test_a_new_account_sets_its_password_by_a_link_that_works_once(hub: Hub, admin: httpx.AsyncClient) -> None:
    wanted = {"name": "Nora", "email": " Nora@Demo.example", "role": "agent"}
    made = await admin.post("/api/v1/agents", json=wanted)
    assert made.status_code == 201, made.text
    link = made.json()["link"]
    assert link.startswith(f"{hub.url}/console/password?token=")
    assert await named(admin, "Nora") == {
        "id": made.json()["id"],
        "name": "Nora",
        "email": "nora@demo.example",
        "role": "agent",
        "password": False,
        "sessions": 0,
        "created_at": (await named(admin, "Nora"))["created_at"],
    }
    token = link.partition("token=")[2]
    async with httpx.AsyncClient(base_url=hub.url) as http:
        for status in (204, 401):
            answer = await http.post("/api/v1/password", json={"token": token, "password": PASSWORD})
            assert answer.status_code == status
    await hub.log_in("nora@demo.example")
    after = await named(admin, "Nora")
    assert (after["password"], after["sessions"]) == (True, 1)
    again = await admin.post("/api/v1/agents", json=wanted)
    assert (again.status_code, again.json()["error"]["field"]) == (400, "email")


async def test_whoever_comes_back_has_the_old_account(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    assert (await admin.delete(f"/api/v1/agents/{marta['id']}")).status_code == 204
    back = {"name": "Marta R.", "email": "marta@demo.example", "role": "supervisor"}
    made = await admin.post("/api/v1/agents", json=back)
    assert made.json()["id"] == marta["id"]
    async with httpx.AsyncClient(base_url=hub.url) as http:
        old = await http.post("/api/v1/session", json={"email": "marta@demo.example", "password": PASSWORD})
    assert old.status_code == 401


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a b@c.example"}, "email"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"role": "boss"}, "role"),
    ],
)
async def test_an_account_needs_a_name_an_address_and_a_role(
    admin: httpx.AsyncClient, wrong: dict[str, str], field: str
) -> None:
    wanted = {"name": "Nora", "email": "nora@demo.example", "role": "agent"} | wrong
    answer = await admin.post("/api/v1/agents", json=wanted)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


async def test_another_role_ends_the_sessions_of_the_account(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    async with await door(hub, "marta") as http, Console(hub, await hub.log_in("lucia@demo.example")) as console:
        path = f"/api/v1/agents/{marta['id']}"
        assert (await admin.put(path, json={"role": "supervisor"})).status_code == 204
        assert (await http.get("/api/v1/me")).status_code == 401

        async def is_told() -> bool:
            return console.records["agents"][marta["id"]]["role"] == "supervisor"

        await eventually(is_told)
        told = [one for one in console.records["events"].values() if one["name"] == "agent.role_changed"]
        assert [(one["actor"]["name"], one["data"]) for one in told] == [
            ("Ada", {"role": "supervisor", "before": "agent"})
        ]
    assert (await admin.put(path, json={"role": "boss"})).status_code == 400
    assert (await admin.put("/api/v1/agents/nobody", json={"role": "agent"})).status_code == 404


async def test_who_becomes_a_designer_serves_nobody_any_more(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    async with (
        Console(hub, await hub.log_in("marta@demo.example")) as console,
        Console(hub, await hub.log_in("lucia@demo.example")) as lucia,
        Widget(hub, await hub.widget_session()) as widget,
    ):
        await widget.call("ask_human", client_message_id="m1")
        await until(lambda: console.records["conversations"][widget.conversation_id]["owner"] == "queue")
        await console.ask("claim", widget.conversation_id)
        await until(lambda: lucia.records["conversations"][widget.conversation_id]["owner"] == "agent")
        assert (await admin.put(f"/api/v1/agents/{marta['id']}", json={"role": "designer"})).status_code == 204
        await until(lambda: lucia.records["conversations"][widget.conversation_id]["owner"] == "queue")
        await lucia.ask("claim", widget.conversation_id)
        async with Console(hub, await hub.log_in("marta@demo.example")):
            await until(lambda: lucia.records["agents"][marta["id"]]["presence"] == "online")
            to = {"agent_id": marta["id"], "note": "te toca"}
            assert (await lucia.ask("transfer", widget.conversation_id, **to))["error"]["code"] == "invalid_request"
            state = (await widget.call("resume", since=0))["state"]
            assert state["agents_online"] == 1, "a designer who looks on is nobody to wait for"


async def test_a_session_opened_while_its_account_ended_opens_nothing(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    assert (await admin.delete(f"/api/v1/agents/{marta['id']}")).status_code == 204
    token = await hub.store.run(accounts.open_session, marta["id"])  # the password had been right just before
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": f"relevo_session={token}"}) as http:
        assert (await http.get("/api/v1/me")).status_code == 401


async def test_somebody_is_left_to_look_after_the_accounts(hub: Hub, admin: httpx.AsyncClient) -> None:
    ada, lucia = await named(admin, "Ada"), await named(admin, "Lucía")
    demoted = await admin.put(f"/api/v1/agents/{ada['id']}", json={"role": "agent"})
    assert (demoted.status_code, demoted.json()["error"]["code"]) == (409, "last_admin")
    assert (await admin.put(f"/api/v1/agents/{lucia['id']}", json={"role": "admin"})).status_code == 204
    async with await door(hub, "lucia") as other:
        # Each demotes the other at the same moment: one of them stays.
        answers = await asyncio.gather(
            admin.put(f"/api/v1/agents/{lucia['id']}", json={"role": "agent"}),
            other.put(f"/api/v1/agents/{ada['id']}", json={"role": "agent"}),
        )
    assert 204 in {one.status_code for one in answers}
    found = await hub.store.read(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM agents WHERE role = 'admin'").scalar()
    )
    assert found == 1


async def test_a_supervisor_does_not_remove_an_admin(hub: Hub, admin: httpx.AsyncClient) -> None:
    ada = await named(admin, "Ada")
    async with Console(hub, await hub.log_in("lucia@demo.example")) as console:
        answer = await console.call("remove_agent", agent_id=ada["id"])
    assert answer["error"]["code"] == "forbidden"


async def test_a_reset_link_lets_the_old_password_hold_until_it_is_used(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    link = (await admin.post(f"/api/v1/agents/{marta['id']}/reset")).json()["link"]
    await hub.log_in("marta@demo.example")
    async with httpx.AsyncClient(base_url=hub.url) as http:
        new = {"token": link.partition("token=")[2], "password": "another long sentence"}
        assert (await http.post("/api/v1/password", json=new)).status_code == 204
        old = await http.post("/api/v1/session", json={"email": "marta@demo.example", "password": PASSWORD})
        assert old.status_code == 401
    assert (await admin.post("/api/v1/agents/nobody/reset")).status_code == 404


async def test_accounts_are_for_admins_and_our_own_pages(hub: Hub, admin: httpx.AsyncClient) -> None:
    marta = await named(admin, "Marta")
    body = {"name": "Nora", "email": "nora@demo.example", "role": "admin"}
    path = f"/api/v1/agents/{marta['id']}"

    async def tried(http: httpx.AsyncClient, **headers: str) -> set[int]:
        answers = [
            await http.post("/api/v1/agents", json=body, headers=headers),
            await http.put(path, json={"role": "admin"}, headers=headers),
            await http.post(f"{path}/reset", headers=headers),
            await http.delete(path, headers=headers),
        ]
        return {one.status_code for one in answers}

    for name in ("marta", "lucia"):
        async with await door(hub, name) as http:
            assert await tried(http) == {403}
            assert (await http.get("/api/v1/agents")).status_code == 403
    async with httpx.AsyncClient(base_url=hub.url) as nobody:
        assert await tried(nobody) == {401}
    assert await tried(admin, Origin="https://evil.example") == {403}
    assert (await named(admin, "Marta"))["role"] == "agent"
