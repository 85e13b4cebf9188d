"""The fake platform behaves as Meta's does; what is tested against it is worth as much as this."""

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.fakes import files
from tests.fakes.faults import LOST_ACKNOWLEDGEMENT, Mishap, Travel
from tests.fakes.files import File, Files
from tests.fakes.server import Server
from tests.fakes.whatsapp import WhatsApp

CUSTOMER = "34600000001"


class Receiver:
    """A hub that only takes webhooks; the first `refusals` of them it does not."""

    def __init__(self) -> None:
        self.raw: list[tuple[bytes, str]] = []
        self.refusals = 0

    async def take(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.json_response({}, status=503)
        self.raw.append((await request.read(), request.headers["X-Hub-Signature-256"]))
        return web.json_response({})

    def values(self) -> list[dict[str, Any]]:
        return [json.loads(raw)["entry"][0]["changes"][0]["value"] for raw, _signature in self.raw]

    def statuses(self) -> list[str]:
        return [one["status"] for value in self.values() for one in value.get("statuses", [])]


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    taken = Receiver()
    app = web.Application()
    app.router.add_post("/webhooks/whatsapp", taken.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield taken, f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/whatsapp"
    await runner.cleanup()


@pytest_asyncio.fixture
async def graph(receiver: tuple[Receiver, str]) -> AsyncIterator[WhatsApp]:
    whatsapp = WhatsApp()
    whatsapp.webhooks.url = receiver[1]
    async with Server(whatsapp):
        yield whatsapp


async def post(graph: WhatsApp, token: str = "graph-token", **body: Any) -> tuple[int, dict[str, Any]]:
    url = f"{graph.url}/{graph.account}/messages"
    told = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": CUSTOMER} | body
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession() as session, session.post(url, json=told, headers=headers) as answer:
        return answer.status, await answer.json()


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": words}}


def buttons(*titles: str) -> dict[str, Any]:
    replies = [{"type": "reply", "reply": {"id": f"b{place}", "title": title}} for place, title in enumerate(titles)]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": "?"}, "action": {"buttons": replies}},
    }


@pytest.mark.asyncio
async def test_a_message_is_taken_and_its_fate_is_told_by_signed_webhooks(
    graph: WhatsApp, receiver: tuple[Receiver, str]
) -> None:
    graph.say(CUSTOMER, "¿Dónde está mi pedido?")
    status, answer = await post(graph, **text("Aquí"), biz_opaque_callback_data="m1")
    await graph.webhooks.settled()
    assert status == 200 and answer["messages"][0]["id"].startswith("wamid.")
    assert [one["text"]["body"] for one in graph.received(CUSTOMER)] == ["Aquí"]
    assert sorted(receiver[0].statuses()) == ["delivered", "sent"]
    told = [one for value in receiver[0].values() for one in value.get("statuses", [])]
    assert {(one["id"], one["biz_opaque_callback_data"]) for one in told} == {(answer["messages"][0]["id"], "m1")}
    assert all(signature == graph.webhooks.sign(raw) for raw, signature in receiver[0].raw)


@pytest.mark.asyncio
async def test_a_webhook_is_repeated_until_it_is_taken_and_doubled_on_demand(
    graph: WhatsApp, receiver: tuple[Receiver, str]
) -> None:
    receiver[0].refusals = 2
    graph.faults.travel = lambda _kind: Travel(copies=2)
    wamid = graph.say(CUSTOMER, "hola")
    await graph.webhooks.settled()
    assert [value["messages"][0]["id"] for value in receiver[0].values()] == [wamid, wamid]


@pytest.mark.asyncio
async def test_metas_limits_hold(graph: WhatsApp) -> None:
    graph.say(CUSTOMER, "hola")
    for body in (text("x" * 4097), text(""), buttons("a", "b", "c", "d"), buttons("x" * 21)):
        status, answer = await post(graph, **body)
        assert (status, answer["error"]["code"]) == (400, 131009)
    assert (await post(graph, **text("x" * 4096)))[0] == 200
    assert (await post(graph, **buttons("Sí", "No")))[0] == 200
    assert (await post(graph, token="other", **text("x")))[0] == 401


@pytest.mark.asyncio
async def test_nobody_can_be_written_to_who_has_not_written_first(graph: WhatsApp) -> None:
    status, answer = await post(graph, **text("hola"))
    assert (status, answer["error"]["code"]) == (400, 131047)


@pytest.mark.asyncio
async def test_an_acknowledgement_can_be_lost_after_the_message_was_taken(graph: WhatsApp) -> None:
    graph.say(CUSTOMER, "hola")
    graph.faults.mishap = lambda _send: LOST_ACKNOWLEDGEMENT
    with pytest.raises(aiohttp.ClientError):
        await post(graph, **text("una vez"))
    assert len(graph.received(CUSTOMER)) == 1


@pytest.mark.asyncio
async def test_it_refuses_with_metas_codes_on_demand_and_says_when_to_come_back(graph: WhatsApp) -> None:
    graph.say(CUSTOMER, "hola")
    graph.faults.mishap = lambda _send: Mishap(code=130429, retry_after=3)
    status, answer = await post(graph, **text("mucho"))
    assert (status, answer["error"]["code"]) == (429, 130429)
    assert graph.received(CUSTOMER) == []


@pytest.mark.asyncio
async def test_news_come_in_any_order(graph: WhatsApp, receiver: tuple[Receiver, str]) -> None:
    graph.faults.travel = lambda _kind: Travel(spread=0.2)
    said = [graph.say(CUSTOMER, str(number)) for number in range(8)]
    await graph.webhooks.settled()
    came = [value["messages"][0]["id"] for value in receiver[0].values()]
    assert came != said and sorted(came) == sorted(said)


@pytest.mark.asyncio
async def test_a_platform_that_is_down_takes_nothing(graph: WhatsApp) -> None:
    graph.say(CUSTOMER, "hola")
    graph.faults.down = True
    assert (await post(graph, **text("x")))[0] == 503
    graph.faults.down = False
    assert (await post(graph, **text("x")))[0] == 200 and len(graph.received(CUSTOMER)) == 1


@pytest.mark.asyncio
async def test_who_wrote_more_than_a_day_ago_is_reached_by_a_template_only(graph: WhatsApp) -> None:
    graph.approved = {"news": "Hola"}
    graph.say(CUSTOMER, "hola")
    graph.faults.aged = 25 * 60 * 60
    assert (await post(graph, **text("x")))[1]["error"]["code"] == 131047
    held = {"name": "news", "language": {"code": "es"}, "components": []}
    assert (await post(graph, type="template", template=held))[0] == 200
    assert graph.shown(CUSTOMER) == ["Hola"]


def test_only_so_many_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    kept = Files()
    first, second = kept.keep(File(b"123456", "text/plain")), kept.keep(File(b"123456", "text/plain"))
    assert kept.get(first) is None and kept.get(second)
