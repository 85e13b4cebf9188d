"""Files that agents and customers on the web send: taken whole or not at all, seen by whom they are for, never run."""

import asyncio
import hashlib
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import files
import httpx
import pytest
import pytest_asyncio
import sqlalchemy as sa
from conftest import PASSWORD_HASH, Console, Hub, Widget, on_each_database, running_hub, until

from handoff_server import tables as t
from handoff_server.service import accounts, attachments
from handoff_server.timekeeper import Timekeeper

pytestmark = [pytest.mark.asyncio, on_each_database]
MARTA = "marta@demo.example"


@pytest_asyncio.fixture
async def desk(hub: Hub) -> Any:
    """A customer on the web who waits, with Marta as the agent: widget, console and her HTTP client."""
    async with AsyncExitStack() as stack:
        widget = await stack.enter_async_context(Widget(hub, await hub.widget_session()))
        cookie = await hub.log_in(MARTA)
        marta = await stack.enter_async_context(Console(hub, cookie))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}))
        conversation = widget.conversation_id
        await widget.call("ask_human", client_message_id="h1")
        await until(lambda: marta.records["conversations"].get(conversation, {}).get("owner") == "queue")
        await marta.ask("claim", conversation)
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        yield widget, marta, http


async def upload(http: httpx.AsyncClient, conversation: str, content: Any, name: str = "") -> httpx.Response:
    query = {"conversation_id": conversation, "name": name}
    return await http.post("/api/v1/attachments", params=query, content=content)


async def widget_upload(hub: Hub, widget: Widget, content: bytes, name: str = "", **headers: str) -> httpx.Response:
    told = {"Authorization": f"Bearer {widget.session['token']}", "Origin": hub.url} | headers
    async with httpx.AsyncClient(base_url=hub.url) as http:
        return await http.post("/widget/v1/attachments", params={"name": name}, content=content, headers=told)


def on_disk(hub_media: Path) -> list[str]:
    return sorted(file.name for file in hub_media.rglob("*") if file.is_file())


async def test_an_agent_sends_a_picture_without_words_and_both_sides_see_it(hub: Hub, desk: Any) -> None:
    widget, marta, http = desk
    conversation, picture = widget.conversation_id, files.png()
    made = await upload(http, conversation, picture, "recibo.png")
    assert made.status_code == 201
    file = made.json()
    told = {"kind": "image", "name": "recibo.png", "mime": "image/png", "size": len(picture), "state": "stored"}
    assert {name: file[name] for name in told} == told
    sent = await marta.ask(
        "reply", conversation, client_message_id="r1", text="", private=False, attachments=[file["id"]]
    )
    assert sent["message"]["attachments"] == [file] and sent["message"]["text"] == ""
    (shown,) = await until(lambda: [one for one in widget.messages.values() if one["attachments"]])
    (theirs,) = shown["attachments"]
    assert {name: theirs[name] for name in ("id", "kind", "size")} == {
        name: file[name] for name in ("id", "kind", "size")
    }
    async with httpx.AsyncClient(base_url=hub.url) as stranger:
        seen = await stranger.get(theirs["url"])
        forged = await stranger.get(theirs["url"].replace(file["id"], "f0000000000000000"))
        without = await stranger.get(f"/api/v1/attachments/{file['id']}")
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, picture, "image/png")
    assert seen.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (forged.status_code, without.status_code) == (404, 401)
    await until(lambda: marta.records["conversations"][conversation]["last_message"]["text"] == "📷 Foto")
    again = await widget.call("resume", since=0)
    assert [one for one in again["messages"] if one["attachments"]] == [shown], "the link is the same all day"


async def test_what_is_served_can_be_looked_at_and_never_runs(desk: Any) -> None:
    widget, _marta, http = desk
    for content, name, mime, place in (
        (files.POLYGLOT, "foto.html", "image/png", "inline"),
        (files.SVG, "dibujo.svg", "text/plain; charset=utf-8", "attachment"),
        (files.HTML, "página.html", "text/plain; charset=utf-8", "attachment"),
        (
            files.DOCX,
            "carta.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "attachment",
        ),
        (files.PDF, "factura.pdf", "application/pdf", "inline"),
    ):
        file = (await upload(http, widget.conversation_id, content, name)).json()
        seen = await http.get(f"/api/v1/attachments/{file['id']}")
        assert (seen.content, seen.headers["content-type"]) == (content, mime)
        assert seen.headers["content-disposition"].startswith(f"{place};")
        policy = "default-src 'none'; frame-ancestors 'none'"  # a sandboxed PDF is an empty page in Chromium
        shut = policy if mime == "application/pdf" else f"sandbox; {policy}"
        assert seen.headers["content-security-policy"] == shut
        assert seen.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in seen.headers["cache-control"] and "private" in seen.headers["cache-control"]
        taken = await http.get(f"/api/v1/attachments/{file['id']}?download")
        assert taken.headers["content-disposition"].startswith("attachment;")


async def test_a_player_gets_the_part_that_it_asks_for(desk: Any) -> None:
    widget, _marta, http = desk
    sound = files.wav()
    file = (await upload(http, widget.conversation_id, sound, "voz.wav")).json()
    part = await http.get(f"/api/v1/attachments/{file['id']}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, sound[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{len(sound)}"
    beyond = await http.get(f"/api/v1/attachments/{file['id']}", headers={"Range": f"bytes={len(sound)}-"})
    assert beyond.status_code == 416


async def test_what_is_not_taken_leaves_nothing_behind(hub: Hub, desk: Any) -> None:
    widget, _marta, http = desk
    media = hub.media

    async def breaks_off() -> Any:
        yield files.png()
        raise OSError("the line is cut")

    async def endless() -> Any:
        for _ in range(25):
            yield b"\x89PNG\r\n\x1a\n" + bytes(1_000_000)

    answers = [
        (await upload(http, widget.conversation_id, content)).status_code
        for content in (b"", files.PROGRAM, files.archive("word/document.xml"), bytes(20_000_001), endless())
    ]
    assert answers == [415, 415, 415, 413, 413]
    with pytest.raises(OSError, match="cut"):
        await upload(http, widget.conversation_id, breaks_off())
    assert (await upload(http, "c-unknown", files.png())).status_code == 404
    await until(lambda: on_disk(media) == [])
    foreign = {"Origin": "https://elsewhere.example"}
    query = {"conversation_id": widget.conversation_id}
    refused = await http.post("/api/v1/attachments", params=query, content=files.png(), headers=foreign)
    assert refused.status_code == 403
    async with httpx.AsyncClient(base_url=hub.url) as nobody:
        assert (await upload(nobody, widget.conversation_id, files.png())).status_code == 401
    assert await hub.store.read(lambda connection: connection.execute(sa.select(t.attachments)).all()) == []


async def test_the_same_file_twice_is_there_once(hub: Hub, desk: Any) -> None:
    widget, _marta, http = desk
    both = await asyncio.gather(*(upload(http, widget.conversation_id, files.JPEG, f"{one}.jpg") for one in "ab"))
    assert len({made.json()["id"] for made in both}) == 2
    assert on_disk(hub.media) == [hashlib.sha256(files.JPEG).hexdigest()]


async def test_a_reply_with_files_is_there_once_and_a_file_is_sent_once(desk: Any) -> None:
    widget, marta, http = desk
    conversation = widget.conversation_id
    one, two = [(await upload(http, conversation, files.png(size))).json()["id"] for size in (3, 4)]
    said = {"client_message_id": "r1", "text": "Mira", "private": False}
    first = await marta.ask("reply", conversation, **said, attachments=[one, two])
    again = await marta.ask("reply", conversation, **said, attachments=[one, two])
    assert first["message"]["id"] == again["message"]["id"]
    for other in ([one], [two, one], []):
        refused = await marta.ask("reply", conversation, **said, attachments=other)
        assert refused["error"]["code"] == "idempotency_conflict"
    taken = await marta.ask("reply", conversation, client_message_id="r2", text="", private=False, attachments=[one])
    assert taken["error"]["code"] == "invalid_request"
    nothing = await marta.ask("reply", conversation, client_message_id="r3", text="", private=False, attachments=[])
    assert nothing["error"]["code"] == "invalid_request"
    many = await marta.ask("reply", conversation, client_message_id="r4", text="", private=False, attachments=[one] * 3)
    assert many["error"]["code"] == "invalid_request"


async def test_nobody_sends_another_ones_files(hub: Hub, desk: Any) -> None:
    widget, marta, http = desk
    conversation = widget.conversation_id
    mine = (await upload(http, conversation, files.png(5))).json()["id"]
    async with (
        Console(hub, await hub.log_in("jorge@demo.example")) as jorge,
        Widget(hub, await hub.widget_session()) as stranger,
    ):
        await until(lambda: conversation in jorge.records["conversations"])
        note = {"client_message_id": "n1", "text": "", "private": True, "attachments": [mine]}
        assert (await jorge.ask("reply", conversation, **note))["error"]["code"] == "unknown_attachment"
        for someone in (widget, stranger):
            stolen = await someone.call("send", client_message_id="s1", text="", attachments=[mine])
            assert stolen["error"]["code"] == "unknown_attachment"
    assert (await marta.ask("reply", conversation, **note))["ok"]
    assert all(not one["attachments"] for one in (await widget.call("resume", since=0))["messages"]), "a note is a note"


async def test_a_customer_sends_a_picture_and_the_agent_sees_it(hub: Hub, desk: Any) -> None:
    widget, marta, http = desk
    made = await widget_upload(hub, widget, files.JPEG, "IMG_1.jpg")
    assert made.status_code == 201 and made.headers["access-control-allow-origin"] == hub.url
    file = made.json()
    sent = await widget.call("send", client_message_id="m1", text="", attachments=[file["id"]])
    assert sent["message"]["attachments"][0]["url"] == file["url"]
    assert (await widget.call("send", client_message_id="m1", text="", attachments=[file["id"]]))["ok"], "repeated"
    assert (await widget.call("send", client_message_id="m1", text="x"))["error"]["code"] == "idempotency_conflict"
    (message,) = await until(
        lambda: [one for one in marta.log(widget.conversation_id) if one["attachments"]], seconds=8
    )
    seen = await http.get(f"/api/v1/attachments/{message['attachments'][0]['id']}")
    assert seen.content == files.JPEG and message["text"] == ""


async def test_a_widget_uploads_only_from_its_sites_with_its_token_and_not_too_much(hub: Hub, desk: Any) -> None:
    widget, _marta, _http = desk
    assert (await widget_upload(hub, widget, files.png(), Origin="https://evil.example")).status_code == 403
    assert (await widget_upload(hub, widget, files.png(), Authorization="Bearer guess")).status_code == 401
    refused = await widget_upload(hub, widget, bytes(5_000_001))
    assert refused.status_code == 413 and refused.headers["access-control-allow-origin"] == hub.url
    answers = [(await widget_upload(hub, widget, files.png())).status_code for _ in range(11)]
    assert answers[:9] == [201] * 9 and answers[-1] == 429


async def test_the_assistant_is_told_of_a_picture_and_what_stands_beside_it(hub: Hub) -> None:
    async with Widget(hub, await hub.widget_session()) as widget:
        for number, text in enumerate(["", "quiero devolver esto"]):
            file = (await widget_upload(hub, widget, files.png(6 + number))).json()["id"]
            assert (await widget.call("send", client_message_id=f"m{number}", text=text, attachments=[file]))["ok"]
            await until(lambda number=number: len(hub.rasa.turns) == number + 1)
    assert [turn["text"] for turn in hub.rasa.turns] == ["[image]", "[image] quiero devolver esto"]


async def test_what_was_uploaded_and_never_sent_is_forgotten_after_a_day(hub: Hub, desk: Any) -> None:
    widget, marta, http = desk
    conversation = widget.conversation_id
    kept, left = [(await upload(http, conversation, files.png(size))).json()["id"] for size in (3, 4)]
    await marta.ask("reply", conversation, client_message_id="r1", text="", private=False, attachments=[kept])
    day = attachments.UNSENT_MS
    row = await hub.store.read(attachments.one, left)
    await Timekeeper(hub.store, clock=lambda: row.created_at + day - 1_000).round()
    assert await hub.store.read(attachments.one, left)
    await Timekeeper(hub.store, clock=lambda: row.created_at + day + 1_000).round()
    assert await hub.store.read(attachments.one, left) is None
    assert await hub.store.read(attachments.one, kept)


async def test_what_a_customer_deletes_is_no_longer_served(hub: Hub, desk: Any) -> None:
    widget, _marta, http = desk
    file = (await widget_upload(hub, widget, files.JPEG)).json()
    await widget.call("send", client_message_id="m1", text="", attachments=[file["id"]])
    assert (await http.get(f"/api/v1/attachments/{file['id']}")).status_code == 200
    assert (await widget.call("erase"))["ok"]
    for address in (f"/api/v1/attachments/{file['id']}", file["url"]):
        assert (await http.get(address)).status_code == 404
    digest = hashlib.sha256(files.JPEG).hexdigest()
    assert await hub.store.read(attachments.in_use, [digest]) == set()


async def test_a_customer_and_an_address_upload_only_so_many_files_a_day(database: str) -> None:
    async with running_hub(database, widget_files_per_day=2, widget_files_of_address_per_day=3) as hub:
        async with Widget(hub, await hub.widget_session()) as widget:
            answers = [await widget_upload(hub, widget, files.png()) for _ in range(3)]
            assert [one.status_code for one in answers] == [201, 201, 429]
            error = answers[2].json()["error"]
            assert (error["code"], error["limit"]) == ("daily_limit", 2) and 86_000 < error["retry_after"] <= 86_400
            yesterday = t.attachments.c.created_at - attachments.DAY_MS
            await hub.store.run(
                lambda tx: tx.connection.execute(t.attachments.update().values(created_at=yesterday)) and None
            )
            assert (await widget_upload(hub, widget, files.png())).status_code == 201
        async with Widget(hub, await hub.widget_session()) as other:
            answers = [await widget_upload(hub, other, files.png()) for _ in range(2)]
            assert [one.status_code for one in answers] == [201, 201]
        async with Widget(hub, await hub.widget_session()) as third:
            assert (await widget_upload(hub, third, files.png())).json()["error"]["limit"] == 3


async def test_designers_send_no_files(hub: Hub, desk: Any) -> None:
    widget, _marta, _http = desk
    await hub.store.run(accounts.create_agent, "dana@demo.example", "Dana", "designer", PASSWORD_HASH)
    cookie = await hub.log_in("dana@demo.example")
    async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as dana:
        refused = await upload(dana, widget.conversation_id, files.png())
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert on_disk(hub.media) == []
