"""How it stands at this moment, for supervisors and for Prometheus, of a real hub; and who may read it."""

from typing import Any

import httpx
import pytest
from conftest import Console, Hub, Widget, eventually, running_hub, until
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.asyncio


async def scraped(hub: Hub, **headers: str) -> dict[tuple[str, ...], float]:
    """Name and label values (by their names) → value, as Prometheus reads them."""
    async with httpx.AsyncClient(base_url=hub.url) as http:
        answer = await http.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    samples = [one for family in families for one in family.samples]
    return {(one.name, *(value for _, value in sorted(one.labels.items()))): one.value for one in samples}


async def standing(hub: Hub, email: str = "lucia@demo.example") -> Any:
    cookie = await hub.log_in(email)
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
        return (await http.get("/api/v1/now")).json()


async def test_who_waits_and_who_is_there_is_told(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = widget.conversation_id
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: "eco: hola" in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: marta.records["conversations"].get(conversation, {}).get("owner") == "queue")
        found, now = await scraped(hub), await standing(hub)
        assert found["relevo_waiting", "normal", "care"] == now["waiting"]["count"] == 1
        assert now["waiting"]["groups"][0] | {"longest_ms": 0} == {
            "team": "care",
            "priority": "normal",
            "count": 1,
            "longest_ms": 0,
        }
        assert found["relevo_open_cases", "queue"] == now["open_cases"]["queue"] == 1
        assert found["relevo_handoffs_total", "customer_request"] == 1
        assert found["relevo_messages_total", "customer"] == 2
        assert found["relevo_messages_total", "bot"] == 1
        assert (found["relevo_turn_seconds_count",], found["relevo_assistant_up",]) == (1, 1)
        assert found["relevo_commit_seconds_count",] > 3
        assert found["relevo_agents", "online"] == now["agents"]["online"] == 1
        assert found["relevo_agents", "offline"] == now["agents"]["offline"] == 2

        await marta.ask("claim", conversation)
        await eventually(lambda: _load(hub, 1))
        found, now = await scraped(hub), await standing(hub)
        assert ("relevo_waiting", "normal", "care") not in found and now["waiting"] == {
            "count": 0,
            "longest_ms": 0,
            "groups": [],
        }
        (her,) = [one for one in now["agents"]["people"] if one["name"] == "Marta"]
        assert (her["presence"], her["load"], her["open"], her["capacity"], her["hard_today"]) == ("online", 1, 1, 4, 0)


async def _load(hub: Hub, load: int) -> bool:
    return bool((await scraped(hub))["relevo_agents_load",] == load)


async def test_what_is_over_its_promise_is_told(database: str, tmp_path: Any) -> None:
    teams = tmp_path / "teams.yml"
    teams.write_text(
        'version: "1"\ndefault_team: care\nhours: {always: {time_zone: UTC, week: {mon-sun: ["00:00-24:00"]}}}\n'
        "teams: {care: {name: {es: Atención, en: Care}, hours: always}}\n"
        "promises: {normal: {first_reply: 1s}}\nqueue: {nobody_online: wait}\n"
        "dispositions: [{id: solved, name: {es: Resuelto, en: Solved}}]\n",
        encoding="utf-8",
    )
    async with running_hub(database, teams_file=teams) as hub, Widget(hub, await hub.widget_session()) as widget:
        await widget.call("ask_human", client_message_id="m1")
        await eventually(lambda: _over(hub, 1))


async def _over(hub: Hub, count: int) -> bool:
    return (await scraped(hub)).get(("relevo_over_promise", "first_reply")) == count


async def test_how_it_stands_is_for_supervisors(hub: Hub) -> None:
    assert (await standing(hub, "marta@demo.example"))["error"]["code"] == "forbidden"


async def test_without_a_token_only_this_machine_scrapes_and_no_proxy_on_it(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        assert (await http.get("/metrics")).status_code == 200
        for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
            answer = await http.get("/metrics", headers={header: "203.0.113.7"})
            assert answer.status_code == 403 and "METRICS_TOKEN" in answer.json()["error"]["message"]


async def test_with_a_token_only_its_bearer_scrapes(database: str) -> None:
    async with running_hub(database, metrics_token="scrape me") as hub:
        await scraped(hub, Authorization="Bearer scrape me")
        async with httpx.AsyncClient(base_url=hub.url) as http:
            assert (await http.get("/metrics")).status_code == 401
            assert (await http.get("/metrics", headers={"Authorization": "Bearer scrape"})).status_code == 401
