"""Customers played by the simulator, over its own page's doors: the real hub takes them for the platforms' own."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, agents, free_port, running_hub, spoken, until
from files import png

from scripts import simulated
from simulator import phone as simulator_phone
from simulator.__main__ import PLATFORMS, simulator
from simulator.phone import Phone
from simulator.server import Simulator

pytestmark = pytest.mark.asyncio
on_each_platform = pytest.mark.parametrize("platform", list(PLATFORMS))
PICTURE = png()
BUTTONS = [{"title": "Sí", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]


class Played:
    """The page's side: acts over HTTP, and what is shown."""

    def __init__(self, hub: Hub, simulator: Simulator, url: str) -> None:
        self.hub, self.simulator, self.url = hub, simulator, url

    async def does(self, platform: str, act: str, **more: Any) -> int:
        async with httpx.AsyncClient(base_url=self.url) as http:
            return (await http.post("/act", json={"channel": platform, "act": act, **more})).status_code

    async def state(self) -> dict[str, Any]:
        """What a page that opens now is told first."""
        async with httpx.AsyncClient(base_url=self.url) as http, http.stream("GET", "/news") as news:
            async for line in news.aiter_lines():
                if line.startswith("data: "):
                    found: dict[str, Any] = json.loads(line.removeprefix("data: "))
                    return found
        raise AssertionError("no news came")

    def phone(self, platform: str) -> Phone:
        return self.simulator.phones[platform]

    def shows(self, platform: str, text: str) -> Any:
        return next((one for one in self.phone(platform).bubbles if text in one.text and not one.mine), None)


@asynccontextmanager
async def played(database: str, *configured: str, templates: Path | None = None) -> AsyncIterator[Played]:
    """Hub and simulator, set up as `make run` does it. `configured` are settings that an operator has made."""
    port = free_port()
    told = {"ENVIRONMENT": "development", "SIMULATOR_PORT": str(port), "SIMULATOR_SECRET": "drawn-once"}
    implied = simulated.implied({**told, **dict.fromkeys(configured, "theirs")})
    implied |= {"WHATSAPP_TEMPLATES_FILE": str(templates)} if templates else {}
    names = implied["SIMULATED"].split()
    given = {name.lower(): value for name, value in implied.items() if name.lower().startswith(tuple(names))}
    async with running_hub(database, gather_ms=100, unclear_ms=300, **given) as hub:
        running = simulator(implied, hub.url)
        await running.start(port)
        await agents(hub.store)
        try:
            yield Played(hub, running, f"http://127.0.0.1:{port}")
        finally:
            await running.stop()


@pytest_asyncio.fixture
async def simulation(database: str) -> AsyncIterator[Played]:
    async with played(database) as running:
        yield running


@on_each_platform
async def test_a_customer_talks_with_the_bot_and_presses_what_it_offers(simulation: Played, platform: str) -> None:
    async def answer(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, f"eco: {turn.get('text')}", buttons=BUTTONS if turn.get("text") == "hola" else None)

    simulation.hub.rasa.answer = answer
    assert await simulation.does(platform, "say", text="hola") == 200
    asked = await until(lambda: simulation.shows(platform, "eco: hola"))
    assert [one.title for one in asked.choices] == ["Sí", "No"]
    await until(lambda: simulation.phone(platform).bubbles[0].ticks in ("sent", "read"))
    assert await simulation.does(platform, "press", bubble=asked.id, choice=asked.choices[0].id) == 200
    await until(lambda: len(simulation.hub.rasa.turns) == 2)
    assert "/affirm" in str(simulation.hub.rasa.turns[1])


@on_each_platform
async def test_an_agent_sees_files_and_places_and_answers_with_a_picture(simulation: Played, platform: str) -> None:
    cookie = await simulation.hub.log_in("marta@demo.example")
    async with Console(simulation.hub, cookie) as console:
        for kind in ("image", "voice", "document", "place"):
            assert await simulation.does(platform, "send", kind=kind) == 200

        def brought() -> list[str]:
            attached = [one for message in console.records["messages"].values() for one in message["attachments"]]
            return sorted(one["kind"] for one in attached if one.get("state", "stored") == "stored")

        def pictures() -> list[str]:
            return [one.file["url"] for one in simulation.phone(platform).bubbles if not one.mine and one.file]

        await until(lambda: len(brought()) == 4, seconds=15)
        voice = "audio" if platform in ("messenger", "instagram") else "voice"
        assert brought() == sorted(["document", "image", "location", voice])
        conversation = next(iter(console.records["conversations"].values()))
        assert conversation["channel"] == platform
        taken = (await console.ask("take_over", conversation["id"]))["conversation_id"]
        files = [] if platform == "instagram" else [await _upload(simulation.hub, cookie, taken)]
        sent = await console.ask("reply", taken, client_message_id="r1", text="Ya lo vi, gracias.", attachments=files)
        assert sent["ok"], sent
        await until(lambda: simulation.shows(platform, "Ya lo vi, gracias.") and len(pictures()) == len(files))
    async with httpx.AsyncClient(base_url=simulation.url) as http:
        for url in pictures():
            shown = await http.get(url)
            assert (shown.headers["content-type"], shown.content) == ("image/png", PICTURE)


async def _upload(hub: Hub, cookie: str, conversation_id: str) -> str:
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie, "Origin": hub.url}) as http:
        address = f"/api/v1/attachments?conversation_id={conversation_id}&name=foto.png"
        return str((await http.post(address, content=PICTURE)).json()["id"])


@on_each_platform
async def test_corrections_and_deletions_reach_the_agent_where_the_app_tells_of_them(
    simulation: Played, platform: str
) -> None:
    phone = simulation.phone(platform)
    async with Console(simulation.hub, await simulation.hub.log_in("marta@demo.example")) as console:
        await simulation.does(platform, "say", text="mi pedido es el 12")
        await until(lambda: simulation.shows(platform, "eco"))
        said = phone.bubbles[0].id
        assert await simulation.does(platform, "edit", bubble=said, text="mi pedido es el 13") == 200
        incoming = [one for one in console.records["messages"].values() if one["direction"] == "incoming"]
        await until(lambda: _texts(console, incoming[0]["conversation_id"]) == ["mi pedido es el 13"])
        expected = 200 if "delete" in phone.can else 400
        assert await simulation.does(platform, "delete", bubble=said) == expected
        if expected == 200:
            await until(lambda: "13" not in str(_texts(console, incoming[0]["conversation_id"])))


@on_each_platform
async def test_with_every_webhook_doubled_nothing_is_done_twice(simulation: Played, platform: str) -> None:
    await simulation.does(platform, "fault", fault="doubled", on=True)
    await simulation.does(platform, "say", text="hola")
    await until(lambda: simulation.shows(platform, "eco: hola"))
    await asyncio.sleep(0.5)
    assert len(simulation.hub.rasa.turns) == 1
    assert sum("eco" in one.text for one in simulation.phone(platform).bubbles) == 1


@on_each_platform
async def test_what_a_platform_refuses_reaches_nobody_until_the_fault_ends(simulation: Played, platform: str) -> None:
    refusal = "blocked" if platform == "telegram" else "window"
    await simulation.does(platform, "fault", fault=refusal, on=True)
    async with Console(simulation.hub, await simulation.hub.log_in("marta@demo.example")) as console:
        await simulation.does(platform, "say", text="hola")
        await until(lambda: any(one["delivery"] == "failed" for one in console.records["messages"].values()))
        assert not simulation.shows(platform, "eco")
        await simulation.does(platform, "fault", fault=refusal, on=False)
        conversation = next(iter(console.records["conversations"].values()))
        take = "claim" if conversation["owner"] == "queue" else "take_over"
        await simulation.does(platform, "say", text="¿y ahora?")
        taken = (await console.ask(take, conversation["id"]))["conversation_id"]
        await console.ask("reply", taken, client_message_id="r1", text="Ahora sí.")
        await until(lambda: simulation.shows(platform, "Ahora sí."))


async def test_a_new_customer_has_a_conversation_of_their_own(simulation: Played) -> None:
    await simulation.does("whatsapp", "say", text="hola")
    await until(lambda: simulation.shows("whatsapp", "eco: hola"))
    assert await simulation.does("whatsapp", "new", language="en") == 200
    assert simulation.phone("whatsapp").bubbles == []
    await simulation.does("whatsapp", "say", text="hello")
    await until(lambda: simulation.shows("whatsapp", "eco: hello"))
    assert len({turn["sender"] for turn in simulation.hub.rasa.turns}) == 2


async def test_a_channel_that_an_operator_has_set_up_is_left_alone(database: str) -> None:
    async with played(database, "WHATSAPP_TOKEN") as running:
        state = await running.state()
        assert [("customer" in one, one["channel"]) for one in state["phones"]][:2] == [
            (False, "whatsapp"),
            (True, "telegram"),
        ]
        assert await running.does("whatsapp", "say", text="hola") == 400


async def test_in_production_nothing_is_simulated() -> None:
    assert simulated.implied({"ENVIRONMENT": "production"}) == {"SIMULATOR": "false"}


@pytest.mark.parametrize(
    "asked",
    [
        {"act": "say", "text": " "},
        {"act": "say", "text": 5},
        {"act": "press", "bubble": "none", "choice": "x"},
        {"act": "send", "kind": "program"},
        {"act": "new", "language": "xx"},
        {"act": "fault", "fault": "flood", "on": True},
        {"act": "fault", "fault": "down", "on": "yes"},
        {"act": "fly"},
    ],
)
async def test_what_no_phone_can_do_is_refused(simulation: Played, asked: dict[str, Any]) -> None:
    assert await simulation.does("telegram", **asked) == 400


async def test_pages_of_other_sites_cannot_speak_through_it(simulation: Played) -> None:
    async with httpx.AsyncClient(base_url=simulation.url) as http:
        asked = json.dumps({"channel": "telegram", "act": "say", "text": "hola"})
        assert (await http.post("/act", content=asked, headers={"Content-Type": "text/plain"})).status_code == 400
        assert (await http.get("/", headers={"Host": "evil.example"})).status_code == 403
        page = await http.get("/")
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert simulation.phone("telegram").bubbles == []


async def test_the_hub_leads_to_it_in_development_only(database: str) -> None:
    async with running_hub(database, simulator_url="http://127.0.0.1:8010/") as hub, httpx.AsyncClient() as http:
        answer = await http.get(f"{hub.url}/simulator")
        assert (answer.status_code, answer.headers["location"]) == (307, "http://127.0.0.1:8010/")
    async with (
        running_hub(database, simulator_url="http://127.0.0.1:8010/", environment="production") as hub,
        httpx.AsyncClient() as http,
    ):
        assert (await http.get(f"{hub.url}/simulator")).status_code == 404


def _texts(console: Console, conversation_id: str) -> list[str]:
    return [one["text"] for one in console.log(conversation_id) if one["direction"] == "incoming"]


@on_each_platform
async def test_a_heart_for_an_answer_reaches_the_agent(simulation: Played, platform: str) -> None:
    async with Console(simulation.hub, await simulation.hub.log_in("marta@demo.example")) as console:

        def hearts() -> list[str]:
            return [str(one["text"]) for one in console.records["messages"].values() if one["reaction"]]

        await simulation.does(platform, "say", text="hola")
        answer = await until(lambda: simulation.shows(platform, "eco: hola"))
        await until(
            lambda: {"queued", "sending"}.isdisjoint(one["delivery"] for one in console.records["messages"].values())
        )
        assert await simulation.does(platform, "react", bubble=answer.id, on=True) == 200
        await until(lambda: hearts() == ["eco: hola"])
        assert await simulation.does(platform, "react", bubble=answer.id, on=False) == 200
        await until(lambda: hearts() == [])


async def test_a_number_typed_is_the_choice_that_no_button_could_hold(simulation: Played) -> None:
    titles = ["Cambiar la dirección de mi pedido", "Devolver uno de los productos"]

    async def ask(turn: dict[str, Any]) -> dict[str, Any]:
        return spoken(turn, "¿Qué quieres?", buttons=[{"title": one, "payload": f"/x{one[0]}"} for one in titles])

    simulation.hub.rasa.answer = ask
    await simulation.does("messenger", "say", text="hola")
    await until(lambda: simulation.shows("messenger", f"2. {titles[1]}"))
    await simulation.does("messenger", "say", text="2")
    await until(lambda: [turn.get("payload") for turn in simulation.hub.rasa.turns] == [None, "/xD"])


@on_each_platform
async def test_a_platform_that_asks_to_wait_gets_the_answer_later_and_one_that_breaks_does_not(
    simulation: Played, platform: str
) -> None:
    phone = simulation.phone(platform)
    await simulation.does(platform, "fault", fault="limit", on=True)
    await simulation.does(platform, "say", text="hola")
    await until(lambda: any(one["what"] == "refused" for one in phone.platform.journal))
    await simulation.does(platform, "fault", fault="limit", on=False)
    await until(lambda: simulation.shows(platform, "eco: hola"))
    await simulation.does(platform, "fault", fault="down", on=True)
    async with Console(simulation.hub, await simulation.hub.log_in("marta@demo.example")) as console:
        await simulation.does(platform, "say", text="¿sigues ahí?")
        await until(lambda: any(one["delivery"] == "failed" for one in console.records["messages"].values()))
        assert not simulation.shows(platform, "eco: ¿sigues ahí?")


@on_each_platform
async def test_late_and_mixed_webhooks_lose_nothing(
    simulation: Played, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulator_phone, "LATE_S", 0.3)
    monkeypatch.setattr(simulator_phone, "SPREAD_S", 0.3)
    for fault in ("late", "mixed"):
        await simulation.does(platform, "fault", fault=fault, on=True)
    said = {"uno", "dos", "tres"}
    for text in said:
        await simulation.does(platform, "say", text=text)
    assert simulation.hub.rasa.turns == [], "nothing has come yet"

    def heard() -> list[str]:
        return [line for turn in simulation.hub.rasa.turns for line in str(turn["text"]).split("\n")]

    await until(lambda: sorted(heard()) == sorted(said))


@pytest.mark.parametrize("platform", ["messenger", "instagram"])
async def test_after_a_day_a_persons_reply_carries_the_tag(simulation: Played, platform: str) -> None:
    await simulation.does(platform, "fault", fault="window", on=True)
    async with Console(simulation.hub, await simulation.hub.log_in("marta@demo.example")) as console:
        await simulation.does(platform, "say", text="hola")
        found = await until(lambda: next(iter(console.records["conversations"].values()), None))
        assert found["window"]["then"] == "human_agent"
        take = "claim" if found["owner"] == "queue" else "take_over"
        taken = await console.ask(take, found["id"])
        await console.ask("reply", taken["conversation_id"], client_message_id="r1", text="Sigo aquí.")
        shown = await until(lambda: simulation.shows(platform, "Sigo aquí."))
    assert shown.way == "human_agent"


async def test_after_a_day_whatsapp_shows_a_template_as_it_was_approved(database: str, tmp_path: Path) -> None:
    approved = tmp_path / "templates.yml"
    approved.write_text(
        '- {name: news, language: es, text: "Hola {{1}}, hay noticias.", parameters: [nombre]}', "utf-8"
    )
    async with played(database, templates=approved) as running:
        await running.does("whatsapp", "fault", fault="window", on=True)
        async with Console(running.hub, await running.hub.log_in("marta@demo.example")) as console:
            await running.does("whatsapp", "say", text="agente")
            found = await until(lambda: next(iter(console.records["conversations"].values()), None))
            await until(lambda: console.records["conversations"][found["id"]]["owner"] == "queue")
            taken = (await console.ask("claim", found["id"]))["conversation_id"]
            named = {"client_message_id": "t1", "name": "news", "language": "es", "values": ["Ana"]}
            assert (await console.ask("send_template", taken, **named))["ok"]
            shown = await until(lambda: running.shows("whatsapp", "Hola Ana, hay noticias."))
    assert shown.way == "template"
