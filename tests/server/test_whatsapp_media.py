"""Pictures, voices and files on WhatsApp, both ways, over a platform that lies, breaks off and refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import files
import httpx
import pytest
import pytest_asyncio
from conftest import Console, Hub, agents, on_each_database, running_hub, until

from handoff_server import fetching
from tests.fakes.files import File
from tests.fakes.server import Server
from tests.fakes.whatsapp import WhatsApp

CUSTOMER = "573001112233"
pytestmark = [pytest.mark.asyncio, on_each_database]


@pytest_asyncio.fixture
async def platform() -> AsyncIterator[WhatsApp]:
    whatsapp = WhatsApp()
    async with Server(whatsapp):
        yield whatsapp


@pytest_asyncio.fixture
async def hub(database: str, platform: WhatsApp) -> AsyncIterator[Hub]:
    async with running_hub(database, **platform.settings, gather_ms=100, unclear_ms=300) as running:
        platform.webhooks.url = f"{running.url}/webhooks/whatsapp"
        await agents(running.store)
        yield running


@asynccontextmanager
async def desk(hub: Hub, platform: WhatsApp) -> AsyncIterator[tuple[Console, httpx.AsyncClient, str]]:
    """Marta has the customer's conversation: her console, her HTTP client, its id."""
    cookie = await hub.log_in("marta@demo.example")
    async with Console(hub, cookie) as marta, httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
        platform.say(CUSTOMER, "agente")
        await until(lambda: any(one["owner"] == "queue" for one in marta.records["conversations"].values()))
        conversation = next(iter(marta.records["conversations"]))
        await marta.ask("claim", conversation)
        await until(lambda: marta.records["conversations"][conversation]["owner"] == "agent")
        yield marta, http, conversation


def sends(platform: WhatsApp, kind: str, content: bytes, mime: str, name: str = "", caption: str = "") -> None:
    platform.send_file(CUSTOMER, kind, platform.files.keep(File(content, mime, name)), caption)


def brought(console: Console, conversation: str) -> list[dict[str, Any]]:
    return [file for one in console.log(conversation) for file in one["attachments"] if one["author"] == "customer"]


async def test_what_a_customer_sends_is_there_at_once_and_its_bytes_follow(hub: Hub, platform: WhatsApp) -> None:
    async with desk(hub, platform) as (marta, http, conversation):
        picture, voice = files.png(), files.OGG
        sends(platform, "image", picture, "image/jpeg", caption="El recibo")
        sends(platform, "voice", voice, "audio/ogg; codecs=opus")
        sends(platform, "document", files.PDF, "application/pdf", "../factura.pdf")
        sends(platform, "sticker", files.WEBP, "image/webp")
        await until(lambda: [one["state"] for one in brought(marta, conversation)] == ["stored"] * 4)
        told = {(one["kind"], one["name"], one["mime"]) for one in brought(marta, conversation)}
        assert told == {
            ("image", "image.png", "image/png"),  # by its content, whatever the platform says
            ("voice", "audio.ogg", "audio/ogg"),
            ("document", "factura.pdf", "application/pdf"),
            ("sticker", "image.webp", "image/webp"),
        }
        assert sorted(one["text"] for one in marta.log(conversation) if one["attachments"]) == ["", "", "", "El recibo"]
        for file in brought(marta, conversation):
            seen = await http.get(f"/api/v1/attachments/{file['id']}")
            assert len(seen.content) == file["size"] > 0
        async with Console(hub, marta.cookie) as fresh:
            assert fresh.records["messages"] == marta.records["messages"]
        assert marta.gaps == 0


async def test_places_and_cards_are_what_they_are(hub: Hub, platform: WhatsApp) -> None:
    async with desk(hub, platform) as (marta, _http, conversation):
        where = {"latitude": 4.65, "longitude": -74.05, "name": "Tienda", "address": "Calle 85 / Carrera 15"}
        platform.incoming(CUSTOMER, {"type": "location", "location": where})
        card = {"name": {"formatted_name": "Luis Peña"}, "phones": [{"phone": "+57 300 111 2233"}]}
        platform.incoming(CUSTOMER, {"type": "contacts", "contacts": [card]})
        await until(lambda: len(brought(marta, conversation)) == 2)
        by_kind = {one["kind"]: one for one in brought(marta, conversation)}
    name = "Tienda, Calle 85 / Carrera 15"
    assert by_kind["location"] == {"kind": "location", "name": name, "latitude": 4.65, "longitude": -74.05}
    assert by_kind["contact"] == {"kind": "contact", "name": "Luis Peña", "phones": ["+57 300 111 2233"]}


async def test_the_assistant_hears_of_what_it_cannot_look_at(hub: Hub, platform: WhatsApp) -> None:
    sends(platform, "voice", files.OGG, "audio/ogg")
    await until(lambda: hub.rasa.turns)
    sends(platform, "image", files.png(), "image/png")
    sends(platform, "image", files.png(3), "image/png", caption="llegó roto")
    await until(lambda: len(hub.rasa.turns) == 2)
    assert [turn["text"] for turn in hub.rasa.turns] == ["[audio]", "[image] llegó roto"]


@pytest.mark.parametrize(
    ("mishap", "state"),
    [
        ({"refusals": 1}, "stored"),
        ({"breaks_after": 30}, "stored"),
        ({"told_size": fetching.MOST + 1}, "refused"),
        ({"told_size": 10, "content": b"\x89PNG\r\n\x1a\n" + bytes(fetching.MOST), "hides_length": True}, "refused"),
        ({"content": files.PROGRAM}, "refused"),
        ({"content": b""}, "refused"),
        ({"moves": True}, "failed"),
        ({"url": "http://127.0.0.1:9/secret"}, "failed"),
        ({"url": "https://fbsbx.com.evil.example/x"}, "failed"),
    ],
)
async def test_what_goes_wrong_with_a_file_is_shown_and_never_holds_up_the_message(
    hub: Hub, platform: WhatsApp, mishap: dict[str, Any], state: str
) -> None:
    async with desk(hub, platform) as (marta, http, conversation):
        media_id = platform.files.keep(File(files.png(), "image/png"))
        platform.files.spoil(media_id, **mishap)
        platform.incoming(CUSTOMER, {"type": "image", "image": {"id": media_id, "caption": "mira"}})
        await until(lambda: "mira" in marta.texts(conversation))
        (file,) = await until(lambda: [one for one in brought(marta, conversation) if one["state"] == state])
        seen = await http.get(f"/api/v1/attachments/{file['id']}")
        assert seen.status_code == (200 if state == "stored" else 404)
    left = [one for one in hub.media.rglob("*") if one.is_file()]
    assert len(left) == (1 if state == "stored" else 0)


async def test_an_agents_files_arrive_each_as_what_it_is(hub: Hub, platform: WhatsApp) -> None:
    async with desk(hub, platform) as (marta, http, conversation):

        async def upload(content: bytes, name: str) -> str:
            query = {"conversation_id": conversation, "name": name}
            made = await http.post("/api/v1/attachments", params=query, content=content)
            return str(made.json()["id"])

        ids = [await upload(files.png(), "guía.png"), await upload(files.MP3, "audio.mp3")]
        ids.append(await upload(b"a;b\n1;2\n", "datos.csv"))
        said = {"client_message_id": "r1", "text": "Aquí está", "private": False, "attachments": ids}
        first = await marta.ask("reply", conversation, **said)
        assert (await marta.ask("reply", conversation, **said))["message"]["id"] == first["message"]["id"]
        mine = [one for one in marta.log(conversation) if one["author"] == "agent"]
        assert [(one["text"], len(one["attachments"])) for one in mine] == [("Aquí está", 1), ("", 1), ("", 1)]
        last = mine[-1]["id"]
        await until(lambda: marta.records["messages"][last]["delivery"] == "delivered")
    shown = platform.received(CUSTOMER)[-3:]
    assert [one["type"] for one in shown] == ["image", "audio", "document"]
    assert shown[0]["image"]["caption"] == "Aquí está" and "caption" not in shown[1]["audio"]
    assert shown[2]["document"]["filename"] == "datos.csv"
    assert platform.files[shown[0]["image"]["id"]].content == files.png()


async def test_words_that_cannot_stand_under_a_file_go_ahead_of_it(hub: Hub, platform: WhatsApp) -> None:
    async with desk(hub, platform) as (marta, http, conversation):
        query = {"conversation_id": conversation, "name": "voz.ogg"}
        voice = (await http.post("/api/v1/attachments", params=query, content=files.OGG)).json()["id"]
        said = {"client_message_id": "r1", "text": "Escucha", "private": False, "attachments": [voice]}
        assert (await marta.ask("reply", conversation, **said))["message"]["text"] == "Escucha"
        await until(lambda: [one["type"] for one in platform.received(CUSTOMER)][-2:] == ["text", "audio"])


async def test_what_the_platform_does_not_take_is_shown_to_the_agent_as_failed(hub: Hub, platform: WhatsApp) -> None:
    async with desk(hub, platform) as (marta, http, conversation):
        for number, (content, why) in enumerate(
            [(files.GIF, "media_type"), (files.JPEG + bytes(5_000_000), "media_too_large")]
        ):
            query = {"conversation_id": conversation, "name": "x"}
            file = (await http.post("/api/v1/attachments", params=query, content=content)).json()["id"]
            said = {"client_message_id": f"r{number}", "text": "", "private": False, "attachments": [file]}
            message = (await marta.ask("reply", conversation, **said))["message"]["id"]
            await until(lambda message=message: marta.records["messages"][message]["delivery"] == "failed")
            assert marta.records["messages"][message]["delivery_error"] == why
    assert not [one for one in platform.journal if one["what"] == "uploaded"]
