"""What the assistant may ask of the hub over HTTP, and the page that a customer may keep."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from conftest import Console, Hub, Widget, spoken, until

from handoff_server import contract
from handoff_server.transcript_link import LIVES_MS, Link, link_of, token_of

TOKEN = {"Authorization": "Bearer handoff-token"}
Ask = Callable[..., Awaitable[httpx.Response]]


async def asked(hub: Hub, turn: dict[str, Any], path: str, **body: Any) -> httpx.Response:
    about = {"version": 1, "sender": turn["sender"], "turn_id": turn["turn_id"]}
    async with httpx.AsyncClient(base_url=hub.url, headers=TOKEN) as http:
        return await http.post(f"/api/v1/{path}", json=about | body)


async def got(hub: Hub, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=hub.url, headers=TOKEN) as http:
        return await http.get(path)


def key_in(widget: Widget) -> str:
    found = re.search(r"número de caso es ([A-Z0-9]{4}-[A-Z0-9]{4})\.", "\n".join(widget.texts()))
    assert found
    return found[1]


@pytest.mark.asyncio
async def test_a_case_is_told_truthfully_by_its_key_from_the_wait_to_the_end(hub: Hub) -> None:
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        await widget.call("send", client_message_id="m1", text="mi pedido")
        await until(lambda: "eco: mi pedido" in widget.texts())
        conversation_id = widget.session["conversation_id"]
        newest = (await got(hub, f"/api/v1/cases?sender={conversation_id}.1")).json()
        assert (newest["state"], newest["topic"]) == ("with_bot", "order_status")

        await widget.call("ask_human", client_message_id="m2")
        await until(lambda: widget.state.get("owner") == "queue")
        key = key_in(widget)

        async def state() -> tuple[str, Any, Any]:
            answer = (await got(hub, f"/api/v1/cases/{key.lower()}")).json()
            contract.check("case_response", dict(answer))
            return answer["state"], answer["agent_name"], answer["outcome"]

        assert await state() == ("waiting", None, None)
        await until(lambda: conversation_id in marta.records["conversations"])
        await marta.ask("claim", conversation_id)
        assert await state() == ("with_person", "Marta", None)
        await until(lambda: marta.records["conversations"][conversation_id]["owner"] == "agent")
        shown = marta.records["conversations"][conversation_id]["case"]
        assert (shown["key"], shown["topic"], shown["reopened"]) == (key, "order_status", 0)
        await marta.ask("resolve", conversation_id, disposition="solved", note=None)
        assert await state() == ("closed", "Marta", "resolved")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/cases/ZZZZ-ZZZZ", 404, "unknown_case"),
        ("/api/v1/cases?sender=c1.1", 404, "unknown_case"),
        (f"/api/v1/cases/{'Z' * 200}", 400, "invalid_request"),
        ("/transcript/nonsense", 404, "unknown_transcript"),
    ],
)
async def test_what_does_not_exist_is_said_so(hub: Hub, path: str, status: int, code: str) -> None:
    answer = await got(hub, path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.asyncio
async def test_without_the_token_the_doors_stay_shut(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.url) as http:
        posts = [await http.post(f"/api/v1/{one}", json={}) for one in ("callbacks", "surveys", "transcripts")]
        gets = [await http.get("/api/v1/cases/ABCD-EFGH"), await http.get("/api/v1/cases", params={"sender": "c1.1"})]
    assert {answer.status_code for answer in (*posts, *gets)} == {401}


@pytest.mark.asyncio
async def test_a_transcript_holds_what_the_customer_saw_and_nothing_else(hub: Hub) -> None:
    links: list[str] = []

    async def answer(turn: dict[str, Any]) -> Any:
        if turn["text"] == "mándame la transcripción":
            links.append((await asked(hub, turn, "transcripts")).json()["url"])
        return spoken(turn, f"eco: {turn['text']}")

    hub.rasa.answer = answer
    async with (
        Widget(hub, await hub.widget_session()) as widget,
        Console(hub, await hub.log_in("marta@demo.example")) as marta,
    ):
        conversation_id = widget.session["conversation_id"]
        await widget.call("send", client_message_id="m1", text="<b>hola</b> 4111 1111 1111 1111")
        await until(lambda: len(widget.texts()) >= 2)
        await until(lambda: conversation_id in marta.records["conversations"])
        await marta.ask("reply", conversation_id, client_message_id="n1", text="ojo con él", private=True)
        await widget.call("send", client_message_id="m2", text="mándame la transcripción")
        await until(lambda: "eco: mándame la transcripción" in widget.texts())
        await widget.call("send", client_message_id="m3", text="esto fue después")
        await until(lambda: "eco: esto fue después" in widget.texts())
    page = await got(hub, httpx.URL(links[0]).path)
    assert page.status_code == 200 and '<html lang="es">' in page.text
    assert "&lt;b&gt;hola&lt;/b&gt; 411111******1111" in page.text
    assert "ojo con él" not in page.text and "después" not in page.text
    assert "Tu número de caso es" in page.text and " UTC</time>" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in page.headers["Cache-Control"]
    for part in re.findall(r'(?:href|src)="(/[^"]+)"', page.text):
        assert (await got(hub, part)).status_code == 200


def test_a_link_is_good_for_a_week_and_only_as_it_was_signed() -> None:
    link = Link("c0123456789abcdef", 1_795_000_000_000)
    token = token_of(link, b"secret")
    assert link_of(token, b"secret", link.at + LIVES_MS - 1) == link
    assert link_of(token, b"secret", link.at + LIVES_MS) is None
    assert link_of(token, b"another", link.at) is None and link_of(token_of(link, b""), b"", link.at) is None
    for place in range(0, len(token), 7):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert link_of(other, b"secret", link.at) is None
    for nonsense in ("", "é", "A", "====", "a" * 5000):
        assert link_of(nonsense, b"secret", link.at) is None
