"""Bad input gets a clear error with a code, and nothing is changed."""

from typing import Any

import httpx
import pytest
import socketio
from conftest import PASSWORD, Console, Hub, Widget, on_each_database, spoken, until

from handoff_server import contract

pytestmark = pytest.mark.asyncio


async def waiting(hub: Hub, widget: Widget, marta: Console) -> str:
    await widget.call("ask_human", client_message_id="h1")
    await until(lambda: marta.records["conversations"].get(widget.conversation_id, {}).get("owner") == "queue")
    return widget.conversation_id


async def test_an_unknown_conversation_a_stale_epoch_and_a_foreign_one_are_refused(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation = await waiting(hub, widget, marta)
        codes = [
            (await marta.call("claim", conversation_id="c-nobody", epoch=1))["error"]["code"],
            (await marta.call("claim", conversation_id=conversation, epoch=1))["error"]["code"],
            (await marta.ask("reply", conversation, client_message_id="x", text="Hola", private=False))["error"][
                "code"
            ],
            (await marta.ask("resolve", conversation, disposition="solved"))["error"]["code"],
            (await marta.call("history", conversation_id="c-nobody", before=None, limit=10))["error"]["code"],
        ]
        assert codes == [
            "unknown_conversation",
            "stale_epoch",
            "not_owner",
            "not_owner",
            "unknown_conversation",
        ]
        assert marta.texts(conversation)[-1].startswith("Claro, te paso"), "nothing was added"


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("no_such_event", {}, "unknown_event"),
        ("claim", "text", "invalid_request"),
        ("claim", {"conversation_id": 7, "epoch": 1}, "invalid_request"),
        ("claim", {"conversation_id": "c", "epoch": "1"}, "invalid_request"),
        ("claim", {"conversation_id": "c" * 81, "epoch": 1}, "too_large"),
        ("sync", {"since": -1}, "invalid_request"),
        ("presence", {"presence": "asleep"}, "invalid_request"),
    ],
)
async def test_a_console_call_of_the_wrong_shape_is_answered(hub: Hub, event: str, data: Any, code: str) -> None:
    async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
        answer = await marta.client.call(event, data, timeout=5)
        assert answer["ok"] is False and answer["error"]["code"] == code


async def test_an_empty_and_an_oversized_message_are_refused(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        assert (await widget.call("send", client_message_id="a", text=" \n"))["error"]["code"] == "invalid_request"
        too_long = await widget.call("send", client_message_id="b", text="x" * 4001)
        assert too_long["error"]["code"] == "too_large" and too_long["error"]["limit"] == 4000
        assert (await widget.call("resume", since=0))["messages"] == []


async def test_a_socket_without_a_session_is_refused(hub: Hub) -> None:
    for path, arguments in (
        ("/console/socket.io", {"headers": {"Cookie": "relevo_session=forged"}}),
        ("/widget/socket.io", {"auth": {"token": "forged"}}),
        ("/widget/socket.io", {}),
    ):
        client = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(hub.url, socketio_path=path, transports=["websocket"], **arguments)


async def test_a_foreign_page_can_neither_open_a_widget_nor_a_console(hub: Hub) -> None:
    evil = {"Origin": "https://evil.example"}
    async with httpx.AsyncClient(base_url=hub.url) as http:
        session = await http.post("/widget/v1/sessions", json={"key": "demo", "language": "es"}, headers=evil)
        none = await http.post("/widget/v1/sessions", json={"key": "demo", "language": "es"})
        wrong_key = await http.post(
            "/widget/v1/sessions", json={"key": "x", "language": "es"}, headers={"Origin": hub.url}
        )
        log_in = await http.post("/api/v1/session", json={"email": "a", "password": "b"}, headers=evil)
        assert {one.status_code for one in (session, none, wrong_key, log_in)} == {403}
    cookie = await hub.log_in("marta@demo.example")
    for path, headers in (("/console/socket.io", {"Cookie": cookie} | evil), ("/widget/socket.io", evil)):
        client = socketio.AsyncClient(reconnection=False)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(hub.url, socketio_path=path, headers=headers, transports=["websocket"])


async def test_a_token_opens_its_own_conversation_only(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as mine,
        Widget(hub, await hub.widget_session()) as other,
    ):
        await mine.call("send", client_message_id="m1", text="secreto")
        await until(lambda: "eco: secreto" in mine.texts())
        assert other.messages == {}
        assert (await other.call("resume", since=0))["messages"] == []


async def test_logging_in_needs_the_right_password_and_is_limited(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        wrong = {"email": "marta@demo.example", "password": "wrong"}
        answers = [(await http.post("/api/v1/session", json=wrong)).status_code for _ in range(11)]
        assert answers == [401] * 10 + [429]
        unknown = await http.post("/api/v1/session", json={"email": "nobody@demo.example", "password": PASSWORD})
        assert unknown.json()["error"]["code"] == "bad_credentials"
        assert (await http.get("/api/v1/session")).status_code == 401


async def test_a_log_out_holds_at_once_on_an_open_socket(hub: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta:
        async with httpx.AsyncClient(base_url=hub.url) as http:
            assert (await http.delete("/api/v1/session", headers={"Cookie": cookie})).status_code == 204
        assert (await marta.call("sync", since=0))["error"]["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"version": 2}, 400, "unsupported_version"),
        ({"reason": 7}, 400, "invalid_request"),
        ({"reason": "a reason of tomorrow"}, 404, "unknown_conversation"),
        ({"sender": "c-nobody.1"}, 404, "unknown_conversation"),
        ({}, 404, "unknown_conversation"),
    ],
)
async def test_a_bad_handoff_request_changes_nothing(hub: Hub, change: dict[str, Any], status: int, code: str) -> None:
    body = _handoff_request() | change
    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
        answer = await http.post("/api/v1/handoffs", json=body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("content", "status"), [(b"not json", 400), (b"[1]", 400), (b"[" * 100_000, 400), (b"x" * 2_000_001, 413)]
)
async def test_a_body_that_is_no_json_or_too_large_is_refused(hub: Hub, content: bytes, status: int) -> None:
    async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
        assert (await http.post("/api/v1/handoffs", content=content)).status_code == status


async def test_a_forged_service_token_is_refused(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        for token in ("Bearer wrong", "", "handoff-token"):
            answer = await http.post("/api/v1/handoffs", json=_handoff_request(), headers={"Authorization": token})
            assert answer.status_code == 401


async def test_the_assistant_hands_over_once_however_often_it_asks(hub: Hub) -> None:
    answers: list[httpx.Response] = []

    async def handing_over(turn: dict[str, Any]) -> dict[str, Any]:
        body = _handoff_request() | {"sender": turn["sender"], "turn_id": turn["turn_id"]}
        async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
            answers.extend([await http.post("/api/v1/handoffs", json=body) for _ in range(2)])
        return spoken(turn, "this comes too late", slots={"order_number": "RX-4821"})

    hub.rasa.answer = handing_over
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        await widget.call("send", client_message_id="m1", text="Quiero hablar con una persona, por favor")
        conversation = widget.conversation_id
        await until(lambda: "this comes too late" in marta.texts(conversation))
        assert [one.status_code for one in answers] == [201, 200]
        assert answers[0].json() == answers[1].json()
        contract.check("handoff_response", answers[0].json())
        handoff = marta.records["conversations"][conversation]["handoff"]
        assert handoff["collected"] == {"order_number": "RX-4821"}
        assert handoff["evidence"]["rule"] == "explicit_request"
        assert "RX-4821" in handoff["summary"]["es"] and "asked for a person" in handoff["summary"]["en"]
        assert len([text for text in widget.texts() if "te paso con una persona" in text]) == 1
        assert "this comes too late" not in widget.texts()
        stale = _handoff_request() | {"sender": f"{conversation}.1", "turn_id": "t-other"}
        async with httpx.AsyncClient(base_url=hub.url, headers={"Authorization": "Bearer handoff-token"}) as http:
            assert (await http.post("/api/v1/handoffs", json=stale)).json()["error"]["code"] == "stale_turn"


async def test_a_password_reset_link_works_once_and_ends_sessions(hub: Hub) -> None:
    from handoff_server.service import accounts

    cookie = await hub.log_in("marta@demo.example")
    token = await hub.store.run(accounts.allow_reset, "marta@demo.example")
    async with httpx.AsyncClient(base_url=hub.url) as http:
        short = await http.post("/api/v1/password", json={"token": token, "password": "short"})
        assert short.json()["error"]["code"] == "invalid_request"
        body = {"token": token, "password": "a brand new sentence"}
        assert (await http.post("/api/v1/password", json=body)).status_code == 204
        assert (await http.post("/api/v1/password", json=body)).status_code == 401
        assert (await http.get("/api/v1/session", headers={"Cookie": cookie})).status_code == 401
        new = {"email": "marta@demo.example", "password": "a brand new sentence"}
        assert (await http.post("/api/v1/session", json=new)).status_code == 200


def _handoff_request() -> dict[str, Any]:
    import json

    example = contract.FOLDER / "examples" / "handoff_request.customer_request.json"
    body: dict[str, Any] = json.loads(example.read_text(encoding="utf-8"))
    return body


@on_each_database
async def test_a_name_that_no_database_takes_is_refused_and_breaks_nothing(hub: Hub) -> None:
    cookie = await hub.log_in("marta@demo.example")
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
        for path in ("/widget/v1/config?key=%00", "/api/v1/attachments/%00"):
            assert (await http.get(path)).status_code in (400, 404), path
