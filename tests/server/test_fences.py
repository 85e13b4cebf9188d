"""What hostile customers and pages try, and what it does not do to others."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import pytest
import pytest_asyncio
import socketio
import sqlalchemy as sa
from conftest import Console, Hub, Widget, agents, running_hub, spoken, until

from handoff_server import tables as t

pytestmark = pytest.mark.asyncio
CARD = "4111 1111 1111 1111"


@pytest_asyncio.fixture
async def tight(database: str) -> AsyncIterator[Hub]:
    """A hub whose limits are soon reached, behind a proxy on 127.0.0.3."""
    more = {
        "widget_sessions_per_minute": 20,
        "widget_conversations_per_day": 8,
        "widget_sockets": 5,
        "trusted_proxies": "127.0.0.3",
    }
    async with running_hub(database, **more) as running:
        await agents(running.store)
        yield running


async def session_from(hub: Hub, address: str, forwarded: str | None = None) -> httpx.Response:
    """Asks for a widget's session from a loopback address."""
    headers = {"Origin": hub.url} | ({"X-Forwarded-For": forwarded} if forwarded else {})
    transport = httpx.AsyncHTTPTransport(local_address=address)
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.post(f"{hub.url}/widget/v1/sessions", json={"key": "demo", "language": "es"}, headers=headers)


# one address, many widgets


async def test_one_address_gets_only_so_many_conversations_and_others_get_theirs(tight: Hub) -> None:
    answers = [await session_from(tight, "127.0.0.1") for _ in range(25)]
    assert [one.status_code for one in answers] == [201] * 8 + [429] * 17
    assert all(one.json()["error"]["code"] == "rate_limited" and one.headers["Retry-After"] for one in answers[8:])
    assert (await session_from(tight, "127.0.0.2")).status_code == 201
    count = sa.select(sa.func.count()).select_from(t.conversations)
    assert await tight.store.read(lambda connection: connection.scalar(count)) == 9, "a refused one leaves no row"


async def test_only_a_trusted_proxy_says_who_is_behind_it(tight: Hub) -> None:
    forged = [(await session_from(tight, "127.0.0.1", f"10.0.0.{number}")).status_code for number in range(10)]
    assert forged == [201] * 8 + [429] * 2
    proxied = [(await session_from(tight, "127.0.0.3", f"10.0.0.{number}")).status_code for number in range(10)]
    assert proxied == [201] * 10


async def test_one_address_holds_only_so_many_connections(tight: Hub) -> None:
    url = f"{tight.url}/widget/socket.io/?EIO=4&transport=websocket"
    headers = {"Origin": tight.url}
    async with aiohttp.ClientSession(headers=headers) as attacker:
        held = [await attacker.ws_connect(url) for _ in range(5)]
        for _ in range(3):
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await attacker.ws_connect(url)
        other = aiohttp.TCPConnector(local_addr=("127.0.0.2", 0))
        session = aiohttp.ClientSession(headers=headers, connector=other)
        async with session as customer, customer.ws_connect(url) as socket:
            assert str((await socket.receive(5)).data).startswith("0{"), "others get in at once"
        await held[0].close()
        await until_let_in(attacker, url)


async def until_let_in(attacker: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(8):
        while True:
            try:
                await (await attacker.ws_connect(url)).close()
                return
            except aiohttp.WSServerHandshakeError:
                await asyncio.sleep(0.05)


async def test_a_connection_that_does_not_say_who_it_is_is_closed(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handoff_server.sockets.server.INTRODUCTION_SECONDS", 0.2)
    for path in ("widget", "console"):
        url = f"{hub.url}/{path}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession(headers={"Origin": hub.url}) as http, http.ws_connect(url) as socket:
            kinds = [(await socket.receive(5)).type for _ in range(3)]
            assert aiohttp.WSMsgType.CLOSE in kinds or aiohttp.WSMsgType.CLOSED in kinds


async def test_a_flood_of_calls_is_refused_and_others_are_served(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as hostile, Widget(hub, await hub.widget_session()) as other:
        calls = (hostile.call("resume", since=0) for _ in range(1_000))
        answers = await asyncio.gather(*calls)
        refused = [one["error"] for one in answers if not one["ok"]]
        assert len(refused) > 800 and {one["code"] for one in refused} == {"rate_limited"}
        assert all(one["retry_after"] > 0 for one in refused)
        assert (await other.call("send", client_message_id="m1", text="hola"))["ok"]


async def test_a_flood_of_messages_is_refused_in_its_conversation_only(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as hostile, Widget(hub, await hub.widget_session()) as other:
        sends = (hostile.call("send", client_message_id=f"m{number}", text="x") for number in range(60))
        answers = await asyncio.gather(*sends)
        assert sum(one["ok"] for one in answers) == 20
        assert (await other.call("send", client_message_id="m1", text="hola"))["ok"]


# the same id for something else


async def test_an_id_that_is_used_again_for_other_words_is_a_conflict(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        first = await widget.call("send", client_message_id="m1", text="quiero una persona")
        assert (await widget.call("send", client_message_id="m1", text="quiero una persona"))["message"] == first[
            "message"
        ]
        again = await widget.call("send", client_message_id="m1", text="otra cosa")
        assert again["error"]["code"] == "idempotency_conflict"
        conversation_id = widget.conversation_id
        await until(lambda: console.records["conversations"].get(conversation_id, {}).get("owner") == "queue")
        await console.ask("claim", conversation_id)
        await until(lambda: console.records["conversations"][conversation_id]["owner"] == "agent")
        reply = {"client_message_id": "r1", "text": "Hola"}
        assert (await console.ask("reply", conversation_id, **reply))["ok"]
        assert (await console.ask("reply", conversation_id, **reply))["ok"]
        for other in ({"text": "Adiós"}, {"private": True}):
            answer = await console.ask("reply", conversation_id, **(reply | other))
            assert answer["error"]["code"] == "idempotency_conflict"
        assert console.texts(conversation_id).count("Hola") == 1


async def test_a_turn_cannot_hand_over_twice_for_different_reasons(hub: Hub) -> None:
    asked: list[httpx.Response] = []

    async def hand_over(turn: dict[str, Any]) -> Any:
        async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
            for reason in ("complex_request", "complex_request", "high_value"):
                asked.append(await http.post("/api/v1/handoffs", json=handoff_request(turn, reason)))
        return spoken(turn)

    hub.rasa.answer = hand_over
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="ayuda")
        await until(lambda: len(asked) == 3)
    assert [one.status_code for one in asked] == [201, 200, 409]
    assert asked[2].json()["error"]["code"] == "idempotency_conflict"


def handoff_request(turn: dict[str, Any], reason: str, text: str = "ayuda", **slots: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "sender": turn["sender"],
        "turn_id": turn["turn_id"],
        "action": "action_handoff",
        "reason": reason,
        "evidence": {"rule": "r", "rule_version": "1", "values": {"said": text}, "text": text},
        "rules_version": "1",
        "language": "es",
        "tracker": {"events": [{"event": "user", "text": text}], "slots": slots, "intents": [], "truncated": False},
    }


# what may be stored


async def test_no_card_reaches_a_table_by_any_way_in(hub: Hub) -> None:
    async def hand_over(turn: dict[str, Any]) -> Any:
        body = handoff_request(turn, "a reason of tomorrow", f"mi tarjeta {CARD}", note=CARD.replace(" ", ""))
        async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
            assert (await http.post("/api/v1/handoffs", json=body)).status_code == 201
        return spoken(turn, "Gracias", slots={"email": CARD}, entities=[{"entity": "pan", "value": CARD}])

    hub.rasa.answer = hand_over
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as console,
    ):
        conversation_id = widget.conversation_id
        await widget.call("send", client_message_id="m1", text=f"pago con {CARD} 12/27, cvv 123")
        await until(lambda: console.records["conversations"].get(conversation_id, {}).get("owner") == "queue")
        assert console.records["conversations"][conversation_id]["handoff"]["reason"] == "other"
        await console.ask("claim", conversation_id)
        await until(lambda: console.records["conversations"][conversation_id]["owner"] == "agent")
        await console.ask("reply", conversation_id, client_message_id="r1", text=f"¿Su tarjeta es {CARD}?")
        await console.ask("reply", conversation_id, client_message_id="r2", text=f"nota {CARD}", private=True)
        await console.ask("return", conversation_id, note=f"pagó con {CARD}")
    stored = await hub.store.read(everything)
    assert "411111******1111" in stored
    assert CARD not in stored and CARD.replace(" ", "") not in stored and "cvv 123" not in stored


def everything(connection: sa.Connection) -> str:
    tables = [connection.execute(sa.select(table)).mappings().all() for table in t.metadata.sorted_tables]
    return json.dumps([[dict(row) for row in rows] for rows in tables], ensure_ascii=False, default=str)


# what a page and a customer may do


async def test_the_tokens_of_one_side_open_nothing_on_the_other(hub: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    session = await hub.widget_session()
    for path, auth, headers in (
        ("/console/socket.io", {"token": session["token"]}, {"Cookie": f"relevo_session={session['token']}"}),
        ("/widget/socket.io", {"token": cookie.partition("=")[2]}, {"Cookie": cookie, "Origin": hub.url}),
    ):
        client = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(hub.url, socketio_path=path, auth=auth, headers=headers, transports=["websocket"])
        await client.disconnect()


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_foreign_page_with_an_agents_cookie_gets_nowhere(hub: Hub, transport: str) -> None:
    cookie = await hub.log_in("marta@demo.example")
    headers = {"Origin": "https://evil.example", "Cookie": cookie}
    client = socketio.AsyncClient(reconnection=False)
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(hub.url, socketio_path="/console/socket.io", headers=headers, transports=[transport])
    await client.disconnect()
    async with httpx.AsyncClient(base_url=hub.url) as http:
        body = {"email": "marta@demo.example", "password": "correct horse battery"}
        foreign = await http.post("/api/v1/session", json=body, headers={"Origin": "https://evil.example"})
        own = await http.post("/api/v1/session", json=body)
    assert foreign.status_code == 403
    cookie_line = own.headers["set-cookie"].lower()
    assert "samesite=strict" in cookie_line and "httponly" in cookie_line


@pytest.mark.parametrize(
    "typed",
    [
        "/restart",
        " /restart",
        "\u00a0/restart",
        "\u200b/restart",
        "\u200f\u202e/restart",
        "\u2060/restart",
        "//restart",
    ],
)
async def test_a_typed_command_reaches_the_bot_as_words(hub: Hub, typed: str) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text=typed)
        await until(lambda: hub.rasa.turns)
    turn = hub.rasa.turns[0]
    assert turn["text"] == "restart" and "payload" not in turn


async def test_a_button_of_another_conversation_or_a_used_one_is_refused(hub: Hub) -> None:
    async def offer(turn: dict[str, Any]) -> Any:
        return spoken(turn, "¿Sigo?", buttons=[{"title": "Sí", "payload": "/affirm"}])

    hub.rasa.answer = offer
    async with Widget(hub, await hub.widget_session()) as one, Widget(hub, await hub.widget_session()) as other:
        await one.call("send", client_message_id="m1", text="hola", payload="/restart")
        shown = await until(lambda: [m for m in one.messages.values() if m["buttons"]])
        button = shown[0]["buttons"][0]["id"]
        stolen = await other.call("send", client_message_id="s1", button=button)
        assert stolen["error"]["code"] == "invalid_request"
        assert (await one.call("send", client_message_id="m2", button=button))["ok"]
        assert (await one.call("send", client_message_id="m2", button=button))["ok"], "an answer that was lost"
        used = await one.call("send", client_message_id="m3", button=button)
        assert used["error"]["code"] == "invalid_request"
    assert all("restart" not in str(turn) for turn in hub.rasa.turns)


@pytest.mark.parametrize(
    "packet",
    [
        "garbage",
        "42",
        '42["send"',
        '42["send",' + "[" * 20_000,
        '40/admin,{"token":"x"}',
        '43999["nobody asked"]',
        '451-["send",{"_placeholder":true,"num":0}]',
        '42{"not":"a list"}',
        "6",
        "\ud7ff\uffff",
        b"\x00\xff\xfe",
    ],
    ids=lambda packet: str(packet)[:24],
)
async def test_a_hostile_packet_harms_nobody_else(
    hub: Hub, packet: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    url = f"{hub.url}/widget/socket.io/?EIO=4&transport=websocket"
    session = await hub.widget_session()
    async with Widget(hub, await hub.widget_session()) as other:
        async with aiohttp.ClientSession(headers={"Origin": hub.url}) as http, http.ws_connect(url) as socket:
            await socket.receive(5)
            await socket.send_str("40" + json.dumps({"token": session["token"]}))
            await socket.receive(5)
            await (socket.send_bytes(packet) if isinstance(packet, bytes) else socket.send_str(packet))
            assert (await other.call("send", client_message_id="m1", text="hola"))["ok"]
        await until(lambda: other.texts()[-1:] == ["eco: hola"])
    printed = capsys.readouterr()
    loud = [line for line in (printed.out + printed.err).splitlines() if re.search(r"error|critical|Traceback", line)]
    loud += [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]
    assert loud == [], "hostile words are no trouble of ours, and stand in no log"
