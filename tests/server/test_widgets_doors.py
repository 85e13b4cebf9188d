"""Widgets and channels in the settings: who may look, what is kept, and which sites may show a chat."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import socketio
from conftest import PASSWORD_HASH, Hub, Widget, running_hub, until

from handoff_server.service import accounts

pytestmark = pytest.mark.asyncio
SHOP = "https://shop.example"
LOOKS = {
    "accent": "#7a3e9d",
    "position": "start",
    "texts": {"es": {"title": "Tienda", "greeting": "¡Hola!"}, "en": {"privacy_url": "https://shop.example/privacy"}},
}


@pytest_asyncio.fixture
async def admin(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    await hub.store.run(accounts.create_agent, "ada@demo.example", "Ada", "admin", PASSWORD_HASH)
    async with await door(hub, "ada") as http:
        yield http


async def door(hub: Hub, name: str) -> httpx.AsyncClient:
    cookie = await hub.log_in(f"{name}@demo.example")
    return httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie})


async def session(http: httpx.AsyncClient, key: str, origin: str) -> httpx.Response:
    body = {"key": key, "language": "es"}
    return await http.post("/widget/v1/sessions", json=body, headers={"Origin": origin})


async def test_a_widget_of_the_table_opens_on_its_sites_and_looks_as_chosen(hub: Hub, admin: httpx.AsyncClient) -> None:
    wanted = {"name": "Shop", "looks": LOOKS, "origins": [f"{SHOP}/", "HTTPS://Other.example"]}
    made = await admin.post("/api/v1/widgets", json=wanted)
    assert made.status_code == 201, made.text
    key = made.json()["key"]
    first, mine = (await admin.get("/api/v1/widgets")).json()["widgets"]
    assert (first["key"], first["first"]) == ("demo", True)
    assert mine["origins"] == ["https://other.example", SHOP]

    async with httpx.AsyncClient(base_url=hub.url) as anyone:
        asked = await anyone.get(f"/widget/v1/config?key={key}", headers={"Origin": SHOP})
        assert asked.headers["Access-Control-Allow-Origin"] == SHOP
        assert (asked.json()["accent"], asked.json()["position"]) == ("#7a3e9d", "start")
        assert asked.json()["texts"]["es"]["title"] == "Tienda"
        preflight = await anyone.options("/widget/v1/sessions", headers={"Origin": SHOP})
        assert preflight.status_code == 204
        opened = await session(anyone, key, SHOP)
        assert opened.status_code == 201
        assert (await session(anyone, key, "https://evil.example")).status_code == 403
        assert (await session(anyone, "demo", SHOP)).status_code == 403  # it is another widget's site
        assert (await session(anyone, "unknown", hub.url)).status_code == 403
        refused = await anyone.get("/widget/v1/config?key=unknown")
        assert refused.status_code == 404

    client = socketio.AsyncClient(reconnection=False)
    try:
        await client.connect(
            hub.url,
            socketio_path="/widget/socket.io",
            headers={"Origin": SHOP},
            auth={"token": opened.json()["token"]},
            transports=["websocket"],
            wait_timeout=10,
        )
        assert (await client.call("resume", {"since": 0}, timeout=10))["ok"]
    finally:
        await client.disconnect()


async def test_a_site_that_is_taken_out_shows_it_no_more(hub: Hub, admin: httpx.AsyncClient) -> None:
    key = (await admin.post("/api/v1/widgets", json={"name": "Shop", "origins": [SHOP]})).json()["key"]
    async with httpx.AsyncClient(base_url=hub.url) as anyone:
        opened = await session(anyone, key, SHOP)
        assert opened.status_code == 201
        assert (await admin.put(f"/api/v1/widgets/{key}", json={"name": "Shop"})).status_code == 200
        assert (await session(anyone, key, SHOP)).status_code == 403
        client = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(
                hub.url,
                socketio_path="/widget/socket.io",
                headers={"Origin": SHOP},
                auth={"token": opened.json()["token"]},
                transports=["websocket"],
            )
        assert (await admin.delete(f"/api/v1/widgets/{key}")).status_code == 204
        assert (await session(anyone, key, hub.url)).status_code == 403
    assert (await admin.delete(f"/api/v1/widgets/{key}")).status_code == 404


async def test_the_first_widget_is_of_the_settings_and_may_be_dressed(hub: Hub, admin: httpx.AsyncClient) -> None:
    changed = await admin.put("/api/v1/widgets/demo", json={"name": "Our shop", "looks": LOOKS, "origins": [SHOP]})
    assert changed.json() == {"key": "demo"}
    found = (await admin.get("/api/v1/widgets")).json()["widgets"]
    assert [(one["key"], one["name"], one["first"]) for one in found] == [("demo", "Our shop", True)]
    async with httpx.AsyncClient(base_url=hub.url) as anyone:
        for origin in (SHOP, hub.url):
            assert (await session(anyone, "demo", origin)).status_code == 201
    dropped = await admin.delete("/api/v1/widgets/demo")
    assert (dropped.status_code, dropped.json()["error"]["code"]) == (403, "forbidden")
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="c1", text="hola")
        await until(lambda: widget.texts())


async def test_sites_of_the_table_are_known_after_a_restart(database: str) -> None:
    async with running_hub(database) as hub:
        await hub.store.run(accounts.create_agent, "ada@demo.example", "Ada", "admin", PASSWORD_HASH)
        async with await door(hub, "ada") as admin, httpx.AsyncClient(base_url=hub.url) as anyone:
            key = (await admin.post("/api/v1/widgets", json={"name": "Shop", "origins": [SHOP]})).json()["key"]
            token = (await session(anyone, key, SHOP)).json()["token"]
    async with running_hub(database) as hub:
        client = socketio.AsyncClient(reconnection=False)
        await client.connect(
            hub.url,
            socketio_path="/widget/socket.io",
            headers={"Origin": SHOP},
            auth={"token": token},
            transports=["websocket"],
        )
        await client.disconnect()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": ""}, ["name"]),
        ({"origins": ["shop.example"]}, ["origins", 0]),
        ({"origins": ["https://shop.example/path"]}, ["origins", 0]),
        ({"origins": ["*"]}, ["origins", 0]),
        ({"looks": {"accent": "red"}}, ["looks", "accent"]),
        ({"looks": {"position": "top"}}, ["looks", "position"]),
        ({"looks": {"texts": {"es": {"title": "x" * 61}}}}, ["looks", "texts", "es", "title"]),
        ({"looks": {"texts": {"es": {"privacy_url": "javascript:alert(1)"}}}}, ["looks", "texts", "es", "privacy_url"]),
        ({"looks": {"texts": {"fr": {}}}}, ["looks", "texts", "fr"]),
    ],
)
async def test_what_is_wrong_is_told_at_its_place(
    admin: httpx.AsyncClient, wrong: dict[str, Any], place: list[str | int]
) -> None:
    answer = await admin.post("/api/v1/widgets", json={"name": "Shop"} | wrong)
    assert answer.status_code == 400
    assert [one["place"] for one in answer.json()["error"]["problems"]] == [place]


async def test_widgets_are_for_admins_and_our_own_pages(hub: Hub, admin: httpx.AsyncClient) -> None:
    async def tried(http: httpx.AsyncClient, **headers: str) -> set[int]:
        body = {"name": "Shop", "origins": [SHOP]}
        answers = [
            await http.post("/api/v1/widgets", json=body, headers=headers),
            await http.put("/api/v1/widgets/demo", json=body, headers=headers),
            await http.delete("/api/v1/widgets/demo", headers=headers),
        ]
        return {one.status_code for one in answers}

    for name in ("marta", "lucia"):
        async with await door(hub, name) as http:
            assert await tried(http) == {403}
            assert (await http.get("/api/v1/widgets")).status_code == 403
    assert await tried(admin, Origin="https://evil.example") == {403}
    async with httpx.AsyncClient(base_url=hub.url) as nobody:
        assert await tried(nobody) == {401}
    assert (await admin.put("/api/v1/widgets/unknown", json={"name": "x"})).status_code == 404
    assert len((await admin.get("/api/v1/widgets")).json()["widgets"]) == 1


async def test_channels_tell_what_is_missing_by_name_and_what_came_and_went(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="c1", text="hola")
        await until(lambda: len(widget.texts()) > 1)
    async with await door(hub, "lucia") as http:
        told = (await http.get("/api/v1/channels")).json()
    web, whatsapp = told["channels"][:2]
    assert (web["name"], web["on"], web["missing"], web["failed"]) == ("web", True, [], 0)
    assert web["last_out"] >= web["last_in"] > 0
    assert (whatsapp["on"], whatsapp["last_in"]) == (False, None)
    assert "WHATSAPP_TOKEN" in whatsapp["missing"]
    assert (told["assistant"], told["dead_letters"]) == ("up", 0)
    async with await door(hub, "marta") as http:
        assert (await http.get("/api/v1/channels")).status_code == 403


async def test_channels_never_tell_a_secret(database: str) -> None:
    secrets = {f"whatsapp_{name}": f"secret-{name}" for name in ("token", "app_secret", "verify_token")}
    async with running_hub(database, whatsapp_phone_number_id="123456", **secrets) as hub:
        await hub.store.run(accounts.create_agent, "lucia@demo.example", "Lucía", "supervisor", PASSWORD_HASH)
        async with await door(hub, "lucia") as http:
            answer = await http.get("/api/v1/channels")
    whatsapp = next(one for one in answer.json()["channels"] if one["name"] == "whatsapp")
    assert (whatsapp["on"], whatsapp["missing"]) == (True, [])
    assert "secret-" not in answer.text and "123456" not in answer.text
