"""Measures over HTTP: of what really happened, for supervisors, in two formats; and what is refused, with a remedy."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, Widget, spoken, until

from handoff_server.definitions import DEFINITIONS
from handoff_server.http.measures import BY, as_table

pytestmark = pytest.mark.asyncio
URL = "/api/v1/measures"


@pytest_asyncio.fixture
async def supervisor(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    cookie = await hub.log_in("lucia@demo.example")
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}, timeout=10) as http:
        yield http


async def served(hub: Hub) -> None:
    """One customer is served by a person; another one's case is settled by the bot."""
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = widget.conversation_id
        await widget.call("send", client_message_id="m1", text="hola")
        await until(lambda: "eco: hola" in widget.texts())
        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: marta.records["conversations"].get(conversation, {}).get("owner") == "queue")
        await marta.ask("claim", conversation)
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        await marta.ask("reply", conversation, client_message_id="a1", text="Hola, soy Marta", private=False)
        answer = await marta.ask("resolve", conversation, disposition="solved", verdict="late", asked_again=True)
        assert answer["ok"]

    async def solved(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¡Qué bueno!", case="solved")

    hub.rasa.answer = solved
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="ya quedó")
        await until(lambda: "¡Qué bueno!" in widget.texts())


async def test_what_happened_is_measured(hub: Hub, supervisor: httpx.AsyncClient) -> None:
    await served(hub)
    answer = (await supervisor.get(URL, params={"period": "today", "by": "agent"})).json()
    found = {name: (one["value"], one["n"]) for name, one in answer["measures"].items()}
    for name in ("cases_opened", "cases_closed", "first_reply_bot"):
        assert found[name][1] == 2, name
    for name in ("handoffs", "first_reply_human", "speed_of_answer", "resolution", "handling"):
        assert found[name][1] == 1, name
    assert found["contained"] == found["contained_confirmed"] == (0.5, 2)
    assert found["contained_72h"] == (None, 0), "nobody knows yet who will come back"
    assert found["missed"] == found["asked_again"] == (1, 1)
    assert found["abandonment"] == (0, 1)
    assert {group["name"] for group in answer["groups"]} == {"Marta", None}
    assert answer["definitions"].keys() == answer["measures"].keys() == {one.name for one in DEFINITIONS}
    assert answer["previous"]["to"] - answer["previous"]["from"] <= 86_400_000


async def test_an_answer_is_kept_for_a_moment(hub: Hub, supervisor: httpx.AsyncClient) -> None:
    first = (await supervisor.get(URL)).json()
    await served(hub)
    assert (await supervisor.get(URL)).json() == first
    assert (await supervisor.get(URL, params={"period": "7d"})).json()["measures"]["cases_opened"]["value"] == 2


async def test_the_table_has_a_line_for_each_group_and_measure(hub: Hub, supervisor: httpx.AsyncClient) -> None:
    await served(hub)
    answer = await supervisor.get(URL, params={"by": "agent", "format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(lines) == 3 * len(DEFINITIONS)
    (marta,) = [line for line in lines if (line["name"], line["measure"]) == ("Marta", "handoffs")]
    assert (marta["value"], marta["n"], marta["unit"]) == ("1", "1", "count")
    (whole,) = [line for line in lines if (line["group"], line["measure"]) == ("all", "cases_closed")]
    assert whole["value"] == "2"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
async def test_nothing_in_the_table_is_a_formula(name: str) -> None:
    one = {"value": -20.0, "n": 1}
    group = {"key": name, "name": name, "measures": {"nps": one}}
    table = as_table({"from": 0, "to": 1, "by": "agent", "measures": {"nps": one}, "groups": [group]})
    line = list(csv.DictReader(io.StringIO(table, newline="")))[1]
    assert line["group"] == line["name"] == f"'{name}" and line["value"] == "-20.0"


@pytest.mark.parametrize("by", BY)
async def test_each_way_to_group_is_answered(supervisor: httpx.AsyncClient, by: str) -> None:
    answer = await supervisor.get(URL, params={"by": by, "time_zone": "America/Santiago", "period": "30d"})
    assert answer.status_code == 200
    expected = {"day": 30, "week": 5}.get(by, 0)
    assert len(answer.json()["groups"]) in (expected, expected + (by == "week"))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"by": "colour"}, "by 'colour' is not one of who, team"),
        ({"time_zone": "America/Bogotá"}, "time_zone 'America/Bogotá' is not known; write one such as"),
        ({"time_zone": "../../etc/passwd"}, "is not known"),
        ({"period": "90d"}, "period '90d' is not one of today, 7d, 30d"),
        ({"from": "5", "to": "5"}, "from 5 is not before to 5"),
        ({"from": "9", "to": "5"}, "from 9 is not before to 5"),
        ({"from": "0", "to": str(401 * 86_400_000)}, "are 401 days; ask for at most 400"),
        ({"from": "0", "to": "9999999999999"}, "beyond the year 2100"),
        ({"from": "2026-11-01", "to": "5"}, "from '2026-11-01' is no time; write milliseconds since 1970"),
        ({"from": "5"}, "to '' is no time"),
        ({"from": "1", "to": "2", "period": "7d"}, "leave one of them out"),
        ({"timezone": "UTC"}, "parameter 'timezone' is not one of from, to"),
        ({"format": "xls"}, "format 'xls' is not one of json, csv"),
        ({"from": "٣", "to": "5"}, "is no time"),
    ],
)
async def test_what_cannot_be_is_refused(supervisor: httpx.AsyncClient, query: dict[str, str], words: str) -> None:
    answer = await supervisor.get(URL, params=query)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_request" and words in error["message"]


async def test_measures_are_for_supervisors(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        assert (await http.get(URL)).status_code == 401
        cookie = await hub.log_in("marta@demo.example")
        assert (await http.get(URL, headers={"Cookie": cookie})).status_code == 403
