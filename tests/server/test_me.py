"""What agents keep of themselves, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from conftest import PASSWORD, Console, Hub, eventually, until

pytestmark = pytest.mark.asyncio
OTHER = "another long sentence"


@asynccontextmanager
async def logged_in(hub: Hub, name: str = "marta") -> AsyncIterator[httpx.AsyncClient]:
    cookie = await hub.log_in(f"{name}@demo.example")
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
        yield http


async def test_preferences_are_kept_beside_those_that_were(hub: Hub) -> None:
    night = {"from": "22:00", "until": "07:00"}
    async with logged_in(hub) as http:
        for chosen in ({"theme": "dark", "volume": 20}, {"volume": 80, "quiet_hours": night}, {"quiet_hours": None}):
            assert (await http.put("/api/v1/me", json={"preferences": chosen})).status_code == 204
        kept = (await http.get("/api/v1/me")).json()
    assert kept["preferences"] == {"theme": "dark", "volume": 80, "quiet_hours": None}
    assert kept["agent"]["email"] == "marta@demo.example"
    async with logged_in(hub, "jorge") as http:
        assert (await http.get("/api/v1/me")).json()["preferences"] == {}


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"theme": "pink"}, "theme"),
        ({"volume": 101}, "volume"),
        ({"volume": "loud"}, "volume"),
        ({"unknown": 1}, "unknown"),
        ({"quiet_hours": {"from": "25:00", "until": "07:00"}}, "quiet_hours"),
        ({"sound_events": ["queued"] * 5}, "sound_events"),
        ("dark", "preferences"),
    ],
)
async def test_preferences_that_nothing_understands_are_refused_by_name(hub: Hub, wrong: object, place: str) -> None:
    async with logged_in(hub) as http:
        answer = await http.put("/api/v1/me", json={"preferences": wrong})
        assert answer.status_code == 400
        assert place in answer.json()["error"]["message"]
        assert (await http.get("/api/v1/me")).json()["preferences"] == {}


async def test_preferences_may_not_be_long(hub: Hub) -> None:
    async with logged_in(hub) as http:
        answer = await http.put("/api/v1/me", json={"preferences": {"theme": "x" * 5_000}})
    assert answer.status_code == 413


async def test_a_new_name_reaches_every_console(hub: Hub) -> None:
    async with Console(hub, await hub.log_in("lucia@demo.example")) as console, logged_in(hub) as http:
        assert (await http.put("/api/v1/me", json={"name": " Marta Rivas "})).status_code == 204

        async def heard() -> bool:
            return "Marta Rivas" in {one["name"] for one in console.records["agents"].values()}

        await eventually(heard)
        assert (await http.put("/api/v1/me", json={"name": ""})).status_code == 400
        assert (await http.put("/api/v1/me", json={"name": "   "})).status_code == 400
        assert (await http.put("/api/v1/me", json={"role": "admin"})).status_code == 400


async def test_a_name_and_preferences_are_kept_together_or_not_at_all(hub: Hub) -> None:
    async with logged_in(hub) as http:
        wrong = await http.put("/api/v1/me", json={"name": "Marta Rivas", "preferences": {"theme": "pink"}})
        assert wrong.status_code == 400
        wrong = await http.put("/api/v1/me", json={"name": "   ", "preferences": {"theme": "dark"}})
        assert wrong.status_code == 400
        before = (await http.get("/api/v1/me")).json()
        assert (before["agent"]["name"], before["preferences"]) == ("Marta", {})
        right = await http.put("/api/v1/me", json={"name": "Marta Rivas", "preferences": {"theme": "dark"}})
        assert right.status_code == 204
        after = (await http.get("/api/v1/me")).json()
    assert (after["agent"]["name"], after["preferences"]) == ("Marta Rivas", {"theme": "dark"})


async def test_a_password_is_changed_by_who_knows_the_old_one_and_ends_the_other_sessions(hub: Hub) -> None:
    async with logged_in(hub) as http, logged_in(hub) as elsewhere:
        assert (await http.get("/api/v1/me")).json()["other_sessions"] == 1
        wrong = await http.put("/api/v1/me/password", json={"password": "a wrong one", "new_password": OTHER})
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (401, "bad_credentials")
        short = await http.put("/api/v1/me/password", json={"password": PASSWORD, "new_password": "short"})
        assert short.status_code == 400
        assert (await elsewhere.get("/api/v1/me")).status_code == 200
        right = await http.put("/api/v1/me/password", json={"password": PASSWORD, "new_password": OTHER})
        assert right.status_code == 204
        assert (await http.get("/api/v1/me")).json()["other_sessions"] == 0
        assert (await elsewhere.get("/api/v1/me")).status_code == 401
        log_in = {"email": "marta@demo.example", "password": OTHER}
        assert (await http.post("/api/v1/session", json=log_in)).status_code == 200


async def test_an_old_password_is_not_guessed_for_ever(hub: Hub) -> None:
    async with logged_in(hub) as http:
        guess = {"password": "a wrong one", "new_password": OTHER}
        answers = [(await http.put("/api/v1/me/password", json=guess)).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


async def test_other_sessions_end_when_asked(hub: Hub) -> None:
    async with logged_in(hub) as http, logged_in(hub) as elsewhere, logged_in(hub, "jorge") as other:
        assert (await http.delete("/api/v1/me/sessions")).json() == {"ended": 1}
        assert (await elsewhere.get("/api/v1/me")).status_code == 401
        assert (await other.get("/api/v1/me")).status_code == 200


async def test_only_our_own_pages_change_an_account(hub: Hub) -> None:
    evil = {"Origin": "https://evil.example"}
    async with logged_in(hub) as http:
        asked = (
            await http.put("/api/v1/me", json={"name": "x"}, headers=evil),
            await http.put("/api/v1/me/password", json={"password": PASSWORD, "new_password": OTHER}, headers=evil),
            await http.delete("/api/v1/me/sessions", headers=evil),
        )
    assert [one.status_code for one in asked] == [403, 403, 403]
    async with httpx.AsyncClient(base_url=hub.url) as nobody:
        assert (await nobody.get("/api/v1/me")).status_code == 401
        assert (await nobody.put("/api/v1/me", json={"name": "x"})).status_code == 401


async def test_another_choice_is_told_to_ones_other_consoles_and_the_same_one_to_nobody(hub: Hub) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as console, logged_in(hub) as http:
        for theme in ("dark", "dark", "light"):
            assert (await http.put("/api/v1/me", json={"preferences": {"theme": theme}})).status_code == 204

        def told() -> list[str]:
            events = console.records["events"].values()
            return [one["actor"]["id"] for one in events if one["name"] == "agent.preferred"]

        await until(lambda: len(told()) == 2)
        assert set(told()) == {console.me["id"]}
