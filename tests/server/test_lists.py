"""Lists page by page, and search: what is found, in what order, and that nothing anybody types can break it.

Keys of cases are drawn: words that are looked for here have a letter that no key has (I, L, O, 0, 1)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import Console, agents, on_each_database, running_hub, until

from handoff_server import finding, listing
from handoff_server import tables as t
from handoff_server.clock import now
from handoff_server.filters import conditions
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, desk, handoffs, intake, replies
from handoff_server.service.agent import Agent
from handoff_server.store import Store
from handoff_server.transaction import Tx
from handoff_server.words import words

pytestmark = [pytest.mark.asyncio, on_each_database]


async def customer(store: Store, number: str, *texts: str, name: str | None = None) -> str:
    """Somebody who wrote these texts on WhatsApp; the conversation's id."""
    for text in texts:
        key = f"{number}:{text[:60]}"
        said = await store.run(intake.arrive, intake.Arrival("whatsapp", "1", number, name, key, text), 0)
    return str(said.conversation_id)


async def search(store: Store, text: str, cursor: str | None = None, **filters: Any) -> dict[str, Any]:
    found: dict[str, Any] = await store.read(finding.found, text, conditions(filters), cursor, now())
    return found


async def ids(store: Store, text: str, **filters: Any) -> list[str]:
    return [one["conversation"]["id"] for one in (await search(store, text, **filters))["found"]]


async def listed(store: Store, cursor: str | None = None, **filters: Any) -> tuple[list[str], str | None]:
    found, following = await store.read(listing.conversations, conditions(filters), cursor, now())
    return [one["id"] for one in found], following


async def an_agent(store: Store) -> Agent:
    agent: Agent = await store.run(accounts.create_agent, "marta@x.example", "Marta", "agent", None)
    return agent


async def test_all_words_must_stand_in_one_message_and_the_last_may_be_unfinished(store: Store) -> None:
    ana = await customer(store, "1", "¿Dónde está mi PEDIDO de zapatos?", "Gracias")
    await customer(store, "2", "Mi pedido llegó", "Quiero zapatos")
    for text in ("pedido zapatos", "zapatos pedido", "donde esta", "dónde zap", "PEDIDO ZAPATOS", "¿dónde?"):
        assert await ids(store, text) in ([ana], [ana]), text
    assert await ids(store, "zapa pedido") == []
    assert len(await ids(store, "pedi")) == 2


async def test_accents_count_neither_in_the_search_nor_in_what_is_searched(store: Store) -> None:
    one = await customer(store, "1", "El código del envío está mal")
    other = await customer(store, "2", "el codigo del envio esta mal")
    decomposed = await customer(store, "3", "el co\u0301digo del envi\u0301o esta\u0301 mal")
    for text in ("código", "codigo", "co\u0301digo envío"):
        assert await ids(store, text) == [decomposed, other, one]


async def test_notes_and_the_bots_words_are_found_and_the_lines_of_the_server_are_not(store: Store) -> None:
    marta = await an_agent(store)
    ana = await customer(store, "1", "hola")
    moved = await store.run(desk.take_over, marta, ana, 1)
    await store.run(replies.reply, marta, ana, moved.epoch, "n1", "Cliente mayorista, ojo", True)
    hit = (await search(store, "mayorista"))["found"][0]
    note = await store.read(lambda c: c.scalar(sa.select(t.messages.c.id).where(t.messages.c.private)))
    assert (hit["conversation"]["id"], hit["message_id"]) == (ana, note)
    assert hit["excerpt"] == "Cliente mayorista, ojo"
    assert await ids(store, "Marta") == []


async def test_a_customer_is_found_by_name_key_and_order_number(store: Store) -> None:
    ana = await customer(store, "1", "hola", name="Ana Sofía Núñez")
    await customer(store, "2", "hola", name="Berta")
    key = await store.read(
        lambda c: c.scalar(sa.select(t.cases.c.tracking_key).where(t.cases.c.conversation_id == ana))
    )
    await store.run(_needs_a_person, ana, {"order_number": "RX-4821", "email": "ana@x.example"})
    for text in (
        "sofia",
        "Ana Nuñ",
        key,
        key.lower(),
        key.replace("-", ""),
        "RX-4821",
        "rx4821",
        "4821",
        f"Núñez {key}",
    ):
        found = (await search(store, text))["found"]
        assert [(one["conversation"]["id"], one["message_id"]) for one in found] == [(ana, None)], text
    assert "RX-4821" in found[0]["excerpt"]
    assert await ids(store, "ana@x.example") == []


async def test_what_was_changed_is_found_as_it_is_and_what_was_deleted_is_not(store: Store) -> None:
    ana = await customer(store, "1", "Vivo en Bogotá", name="Apolonia")
    message = await store.read(lambda c: c.scalar(sa.select(t.messages.c.id)))
    await store.run(lambda tx: tx.update_messages([message], text="Vivo en Lima", edited_at=tx.at))
    assert (await ids(store, "bogota"), await ids(store, "lima")) == ([], [ana])
    await store.run(lambda tx: tx.update_messages([message], deleted_at=tx.at))
    assert await ids(store, "lima") == []
    await store.run(_is_called, ana, "Evodia")
    assert (await ids(store, "apolonia"), await ids(store, "evodia")) == ([], [ana])


async def test_the_newest_comes_first_and_pages_meet_whatever_is_written_meanwhile(store: Store) -> None:
    known = [await customer(store, str(number), f"pedido {number}", name="Rosa") for number in range(70)]
    first = await search(store, "pedido")
    await customer(store, "0", "otra vez el pedido")
    await customer(store, "new", "un pedido más")
    second = await search(store, "pedido", first["next"])
    third = await search(store, "pedido", second["next"])
    told = [one["conversation"]["id"] for page in (first, second, third) for one in page["found"]]
    assert told == list(reversed(known))
    assert third["next"] is None
    by_name = await search(store, "rosa")
    rest = [await search(store, "rosa", by_name["next"])]
    rest.append(await search(store, "rosa", rest[0]["next"]))
    told = [one["conversation"]["id"] for page in (by_name, *rest) for one in page["found"]]
    assert told == list(reversed(known))


async def test_a_conversation_comes_once_a_page_with_its_newest_hit(store: Store) -> None:
    ana = await customer(store, "1", *(f"pedido {number}" for number in range(250)))
    berta = await customer(store, "2", "pedido mío")
    page = await search(store, "pedido")
    assert [one["conversation"]["id"] for one in page["found"]] == [berta, ana]
    assert page["found"][1]["excerpt"] == "pedido 249"
    assert page["next"] is None


async def test_a_search_behind_a_narrow_filter_looks_at_so_much_and_tells_where_to_go_on(store: Store) -> None:
    web = await store.run(accounts.open_widget_session, "demo", "es")
    said = intake.IncomingMessage(web["conversation_id"], "w1", "pedido de la web")
    await store.run(intake.receive, said)
    await customer(store, "1", *(f"pedido {number}" for number in range(finding.BATCH * finding.BATCHES + 5)))
    first = await search(store, "pedido", channel="web")
    assert first["found"] == [] and first["next"]
    second = await search(store, "pedido", first["next"], channel="web")
    assert [one["conversation"]["id"] for one in second["found"]] == [web["conversation_id"]]
    assert second["next"] is None


TYPED = [
    *(
        '"',
        '""',
        "*",
        "a*b",
        "-",
        "NOT",
        "a OR b",
        "a NEAR b",
        "text:a",
        "(",
        "a AND",
        "^o",  # no case key has an O, and one that begins with what was typed would be found
        "a'b",
        "'; DROP TABLE x",
    ),
    *(
        "\x00",
        "a\x00b",
        "😀",
        "👩‍👩‍👧",
        "\ud800",
        "مرحبا بالعالم",
        "\u202eabc",
        "%_",
        "\\",
        ":*",
        "& | !",
        "<->",
        "_",
    ),
    *("x" * 10_000, "palabra " * 1_250, "  ", "1e5 0x1F -5 3.14", "a.b@c.d http://e.f/g", "ﬁn ① Ⅷ", "İstanbul"),
]


async def test_nothing_that_can_be_typed_is_an_error(store: Store) -> None:
    await customer(store, "1", "hola")
    for text in TYPED:
        assert (await search(store, text))["found"] == [], text


async def test_words_of_every_script_are_found(store: Store) -> None:
    for number, text in enumerate(("привет мир", "مرحبا بالعالم", "你好", "ჯაბა", "order 1e5x piso 1077")):
        one = await customer(store, str(number), text)
        for word in words(text):
            assert await ids(store, word) == [one], word


async def test_filters_and_cursors_that_there_are_not_are_refused(store: Store) -> None:
    for told in ([], "x", {"x": 1}, {"owner": 3}, {"unread": "yes"}, {"status": "odd"}, {"tag": ""}):
        with pytest.raises(Refusal, match="invalid_request"):
            conditions(told)
    for cursor in ("x", "1", "1:", "1:2:3", "-1:2", "1:\x00", "9" * 30 + ":1", "²:1", "'"):
        for call in (search(store, "a", cursor), listed(store, cursor)):
            with pytest.raises(Refusal, match="invalid_request"):
                await call


async def test_lists_hold_what_their_filters_say(store: Store) -> None:
    marta = await an_agent(store)
    ana, berta, carla = [await customer(store, str(number), "hola") for number in range(3)]
    await store.run(_needs_a_person, berta, {})
    moved = await store.run(desk.take_over, marta, carla, 1)
    await store.run(desk.snooze, marta, carla, moved.epoch, None)
    web = str((await store.run(accounts.open_widget_session, "demo", "en"))["conversation_id"])
    assert (await listed(store))[0] == [carla, berta, ana]
    await store.run(intake.receive, intake.IncomingMessage(web, "w1", "hello"))
    await store.run(_tagged, ana, "vip")
    wished: list[tuple[dict[str, Any], Sequence[str]]] = [
        ({}, [web, carla, berta, ana]),
        ({"owner": "queue"}, [berta]),
        ({"assignee_id": marta.id}, [carla]),
        ({"channel": "web"}, [web]),
        ({"language": "es"}, [carla, berta, ana]),
        ({"team": "care"}, [carla, berta]),
        ({"reason": "other"}, [berta]),
        ({"status": "snoozed"}, [carla]),
        ({"status": "closed"}, []),
        ({"status": "open", "channel": "whatsapp"}, [carla, berta, ana]),
        ({"unread": True}, [berta]),
        ({"tag": "vip"}, [ana]),
        ({"tag": "v\x00\ud800"}, []),
        ({"owner": None}, [web, carla, berta, ana]),
    ]
    for filters, expected in wished:
        assert (await listed(store, **filters))[0] == expected, filters
    assert await ids(store, "hola", owner="queue") == [berta]


async def test_pages_of_a_list_meet_also_when_all_were_written_in_the_same_millisecond(store: Store) -> None:
    known = [await customer(store, str(number), "hola") for number in range(listing.PAGE + 20)]
    c = t.conversations.c
    await store.run(lambda tx: tx.connection.execute(t.conversations.update().values(last_at=5)))
    first, cursor = await listed(store)
    second, end = await listed(store, cursor)
    assert (first + second, end) == (sorted(known, reverse=True), None)
    await store.run(
        lambda tx: tx.connection.execute(t.conversations.update().where(c.id == second[-1]).values(last_at=9))
    )
    assert (await listed(store, cursor))[0] == second[:-1]


async def test_what_a_list_brought_is_told_of_and_can_be_marked_as_read(database: str) -> None:
    async with running_hub(database) as hub:
        await agents(hub.store)
        first = await customer(hub.store, "first", "hola")
        await hub.store.run(_needs_a_person, first, {})
        await hub.store.run(handoffs.cancel, first)
        await hub.store.run(_unread, first)
        for number in range(60):
            await customer(hub.store, str(number), f"pedido {number}")
        async with Console(hub, await hub.log_in("marta@demo.example")) as marta:
            assert first not in marta.records["conversations"]
            page = await marta.call("list", filters={})
            rest = await marta.call("list", filters={}, cursor=page["next"])
            held = next(one for one in rest["conversations"] if one["id"] == first)
            assert held["unread"] == 1
            assert (await marta.call("search", text="hola"))["found"][0]["conversation"] == held
            last = held["last_message"]["id"]
            assert (await marta.call("seen", conversation_id=first, message_id=last))["ok"]
            await until(lambda: marta.records["conversations"].get(first, {}).get("unread") == 0)
            assert (await marta.call("search", text="hola", cursor="no"))["error"]["code"] == "invalid_request"


def _needs_a_person(tx: Tx, conversation_id: str, collected: dict[str, Any]) -> None:
    conversation = tx.conversation(conversation_id)
    fresh = handoffs.fresh_handoff(tx, conversation, "other", {"rule": "x"}, None, None)
    team = tx.policy.team(None)
    handoffs.open_handoff(tx, conversation, replace(fresh, collected=collected), team)


def _is_called(tx: Tx, conversation_id: str, name: str) -> None:
    tx.save(replace(tx.conversation(conversation_id), customer_name=name))


def _unread(tx: Tx, conversation_id: str) -> None:
    tx.save(replace(tx.conversation(conversation_id), unread=1))


def _tagged(tx: Tx, conversation_id: str, tag: str) -> None:
    tx.connection.execute(t.conversation_tags.insert().values(tag=tag, conversation_id=conversation_id))
