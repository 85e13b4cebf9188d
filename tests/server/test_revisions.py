"""What a customer takes back on a platform is gone wherever it could be read."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import on_each_database, spoken

from handoff_server import change, conversations
from handoff_server import store as the_store
from handoff_server import tables as t
from handoff_server.assistant import Assistant
from handoff_server.attachment import Remote
from handoff_server.clock import now
from handoff_server.dispatcher import Later
from handoff_server.file_type import PNG
from handoff_server.job import Job, jobs_left
from handoff_server.media import Kept
from handoff_server.message import Message
from handoff_server.rasa_client import RasaClient
from handoff_server.service import accounts, attachments, deletion, handoffs, intake, replies, turns
from handoff_server.service.agent import Agent
from handoff_server.service.deletion import Deletion
from handoff_server.service.intake import Arrival
from handoff_server.store import Store

pytestmark = [pytest.mark.asyncio, on_each_database]
SECRET = "Zanahoria-4711"
PLACE = ("telegram", "17")


async def arrives(store: Store, text: str, external_id: str, **more: Any) -> Message:
    message: Message = await store.run(intake.arrive, Arrival(*PLACE, "42", None, external_id, text, **more), 0)
    return message


async def preview(store: Store, message: Message) -> str:
    touched = change.Touched(conversations={message.conversation_id})
    shown = await store.read(change.render, touched, 0, now())
    return str(shown["conversations"][0]["last_message"]["text"])


async def test_lists_show_nothing_of_it_also_when_a_note_came_after_it(store: Store) -> None:
    agent: Agent = await store.run(accounts.create_agent, "ana@demo.example", "Ana", "agent", None)
    said = await arrives(store, SECRET, "m1")
    await store.run(replies.reply, agent, said.conversation_id, 1, "n1", "una nota", True)
    assert await preview(store, said) == SECRET
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert await preview(store, said) == ""


async def test_an_earlier_message_leaves_the_last_words_as_they_are(store: Store) -> None:
    await arrives(store, SECRET, "m1")
    last = await arrives(store, SECRET, "m2")
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert await preview(store, last) == SECRET


async def test_its_files_are_no_longer_served(store: Store) -> None:
    said = await arrives(store, "", "m1", attachments=(Remote("image", {"id": "7"}, "cedula.png", "image/png"),))
    file_id = said.attachments[0]["id"]
    await store.run(attachments.fetched, 0, file_id, Kept("d" * 64, 3, PNG))
    assert await store.read(attachments.in_use, ["d" * 64])
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert await store.read(attachments.one, file_id) is None
    assert not await store.read(attachments.in_use, ["d" * 64]), "the sweep leaves the file where it is"


async def test_a_file_that_was_still_on_its_way_does_not_come_back(store: Store) -> None:
    said = await arrives(store, "", "m1", attachments=(Remote("image", {"id": "7"}),))
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    await store.run(attachments.fetched, 0, said.attachments[0]["id"], Kept("d" * 64, 3, PNG))
    assert not await store.read(attachments.in_use, ["d" * 64])


async def rows(store: Store) -> str:
    """All rows of all tables, as text."""

    def dump(connection: sa.Connection) -> str:
        found = (row for table in t.metadata.sorted_tables for row in connection.execute(sa.select(table)))
        return "\n".join(str(tuple(row)) for row in found)

    return str(await store.read(dump))


async def jobs(store: Store, kind: str) -> list[Job]:
    return [one for one in await store.read(jobs_left) if one.kind == kind]


async def test_what_is_taken_back_before_it_comes_is_stored_blank_and_nobody_hears_it(store: Store) -> None:
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert not await store.run(deletion.delete, Deletion(*PLACE, "m1")), "told again, nothing happens"
    said = await arrives(store, SECRET, "m1", attachments=(Remote("image", {"id": "7"}, f"{SECRET}.png"),))
    assert (said.text, said.attachments) == ("", []) and said.deleted_at is not None
    assert await store.read(jobs_left) == [] and SECRET not in await rows(store)
    assert await arrives(store, SECRET, "m1") == said, "the platform repeats itself"
    assert (await arrives(store, "hola", "m2")).text == "hola"
    assert len(await jobs(store, "bot_turn")) == 1


async def test_a_deletion_and_its_message_may_come_in_one_moment(store: Store) -> None:
    told = store.run(deletion.delete, Deletion(*PLACE, "m1"))
    _, said = await asyncio.gather(told, arrives(store, SECRET, "m1"))
    assert said.text == "" and SECRET not in await rows(store)


async def test_only_so_many_deletions_of_nothing_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MOST_REMEMBERED", 2)
    for number in range(4):
        await store.run(deletion.delete, Deletion(*PLACE, f"m{number}"))
    texts = [(await arrives(store, "hola", f"m{number}")).text for number in range(4)]
    assert texts == ["hola", "hola", "", ""]


async def handed_over(store: Store, text: str, taken_back: bool = False) -> tuple[Message, str]:
    """A message whose turn asks for a person and has collected something; and its turn. `taken_back`: meanwhile."""
    said = await arrives(store, text, "m1")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    if taken_back:
        await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    words = {"text": text, "parse_data": {"intent": {"name": "refund"}}, "event": "user"}
    evidence = {"rule": "explicit_request", "rule_version": "1", "values": {}, "text": text}
    about = {"version": 1, "action": "action_handoff", "reason": "customer_request", "language": "es"}
    named = {"sender": begun.request["sender"], "turn_id": begun.turn_id, "evidence": evidence, "rules_version": "1"}
    tracker = {"events": [words], "slots": {}, "intents": [], "truncated": False}
    await store.run(handoffs.request, about | named | {"tracker": tracker})
    found = [{"entity": "order_number", "value": text}]
    decision = {"action": "handoff", "reason": "customer_request", "evidence": evidence, "rules_version": "1"}
    report = {"entities": found, "slots": {"order_number": text}, "decision": decision}
    await store.run(turns.finish, begun.turn_id, spoken(begun.request, **report))
    return said, begun.turn_id


async def test_a_message_that_led_to_a_handover_leaves_its_words_nowhere(store: Store) -> None:
    said, _turn = await handed_over(store, SECRET)
    before = store.seq
    await store.run(handoffs.cancel, said.conversation_id)
    assert (await rows(store)).count(SECRET) > 5
    fresh = await store.read(change.snapshot, "nobody", now())
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    left = [line for line in (await rows(store)).splitlines() if SECRET in line]
    assert left == []
    caught_up = await store.read(change.since, fresh["seq"], now())
    held = {one["seq"]: one for one in (*fresh["events"], *caught_up["events"])}
    assert SECRET in str(fresh["events"]) and SECRET not in str(held.values())
    assert before < store.seq
    (forget,) = await jobs(store, "forget")
    assert forget.payload == {"conversation_id": said.conversation_id, "stretch": 1}
    assert await store.run(turns.leave_stretch, said.conversation_id, 1), "a handover has ended that stretch"


async def test_what_another_message_says_as_well_stays_known(store: Store) -> None:
    said, _turn = await handed_over(store, SECRET)
    await arrives(store, f"es el {SECRET.lower()}", "m2")
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    collected = await store.read(lambda connection: connection.scalar(sa.select(t.handoffs.c.collected)))
    assert collected == {"order_number": SECRET}
    assert said.id


async def test_what_is_taken_back_while_the_bot_thinks_is_not_written_down_by_its_report(store: Store) -> None:
    known = {"email": "ana@example.com"}
    await arrives(store, "hola", "m0")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    await store.run(turns.finish, begun.turn_id, spoken(begun.request, "Hola", slots=known))
    await arrives(store, SECRET, "m1")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert not await store.run(turns.leave_stretch, begun.conversation.id, 1), "its tracker is in use"
    evidence = {"rule": "explicit_request", "rule_version": "1", "values": {}, "text": SECRET}
    decision = {"action": "none", "reason": None, "evidence": evidence, "rules_version": "1"}
    found = [{"entity": "person", "value": SECRET}]
    told = {"entities": found, "decision": decision, "slots": known | {"order_number": SECRET}}
    await store.run(turns.finish, begun.turn_id, spoken(begun.request, "Hola", **told))
    assert SECRET not in await rows(store)
    carried = await store.read(lambda connection: connection.scalar(sa.select(t.conversations.c.carried)))
    assert carried == known, "what was known before stays"
    assert await store.run(turns.leave_stretch, begun.conversation.id, 1)


async def test_a_handover_collects_nothing_of_what_was_taken_back_while_the_bot_thought(store: Store) -> None:
    await handed_over(store, SECRET, taken_back=True)
    assert SECRET not in await rows(store)


async def test_it_can_be_taken_back_after_a_turn_that_failed(store: Store) -> None:
    await arrives(store, SECRET, "m1")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    await store.run(turns.fail, begun.turn_id, "late")
    assert await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert SECRET not in await rows(store)


async def test_what_was_typed_otherwise_than_it_is_kept_goes_with_all_that_it_proved(store: Store) -> None:
    await arrives(store, "pedido rx4821 de Ana@Gmail.com", "m1")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    typed = {"order_number": "rx4821", "email": "Ana@Gmail.com", "topic": "¿?"}
    found = [{"entity": name, "value": value} for name, value in typed.items()]
    slots = {"order_number": "RX-4821", "email": "ana@gmail.com", "verified_order": "RX-4821"}
    slots |= {"verified_name": "Ana Gil", "order_value_usd": 48.21, "size": "…", "vip": True}
    await store.run(turns.finish, begun.turn_id, spoken(begun.request, "Hola", entities=found, slots=slots))
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    left = {"size": "…", "vip": True}
    carried = await store.read(lambda connection: connection.scalar(sa.select(t.conversations.c.carried)))
    report = await store.read(lambda connection: connection.scalar(sa.select(t.turns.c.report)))
    assert (carried, report["slots"], report["entities"]) == (left, left, [])


async def heard(store: Store, text: str, buttons: list[dict[str, str]] | None = None) -> Message:
    """A message that the bot has answered, perhaps by a question."""
    said = await arrives(store, text, "m0")
    begun = await store.run(turns.begin, (await jobs(store, "bot_turn"))[0], 8_000)
    await store.run(turns.finish, begun.turn_id, spoken(begun.request, "Bien", buttons=buttons))
    return said


@pytest.mark.parametrize("gone", ["no", "prefiero que no me escriban, ahora no, quiero una persona"])
async def test_words_of_other_messages_stay_though_they_hold_the_same_syllables(store: Store, gone: str) -> None:
    await heard(store, gone)
    await handed_over(store, "ahora no, quiero una persona")
    await store.run(deletion.delete, Deletion(*PLACE, "m0"))
    assert await evidence(store) == "ahora no, quiero una persona"


async def test_a_handover_before_the_same_words_were_said_keeps_its_evidence(store: Store) -> None:
    await handed_over(store, "no")
    await asyncio.sleep(0.005)
    await arrives(store, "no", "m2")
    await store.run(deletion.delete, Deletion(*PLACE, "m2"))
    assert await evidence(store) == "no"


async def evidence(store: Store) -> str | None:
    told = await store.read(lambda connection: connection.scalar(sa.select(t.handoffs.c.evidence)))
    text: str | None = told["text"]
    return text


@pytest.mark.parametrize(("days_before", "left"), [(0, None), (30, "no")])
async def test_surveys_and_calls_of_another_time_stay_as_they_are(
    store: Store, days_before: int, left: str | None
) -> None:
    said, _turn = await handed_over(store, "no")
    conversation = await store.read(lambda connection: connection.execute(sa.select(t.conversations)).one())
    about = {"conversation_id": conversation.id, "case_id": conversation.case_id}
    at = said.created_at - days_before * 24 * 3_600_000
    survey = about | {"id": "s1", "language": "es", "asked_at": at, "comment": "no"}
    call = about | {"id": "b1", "contact": "no", "team": "care", "asked": {}, "created_at": at}
    await store.run(lambda tx: tx.connection.execute(t.surveys.insert().values(**survey)))
    await store.run(lambda tx: tx.connection.execute(t.callbacks.insert().values(**call)))
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    for found in (t.surveys.c.comment, t.callbacks.c.contact):
        assert await store.read(lambda connection, found=found: connection.scalar(sa.select(found))) == left


async def test_the_answer_to_a_question_is_still_understood_and_the_stretch_ends_with_the_customer(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await heard(store, SECRET, [{"title": "Sí", "payload": "/affirm"}])
    await store.run(deletion.delete, Deletion(*PLACE, "m0"))
    assert not await store.run(turns.leave_stretch, said.conversation_id, 1), "only this tracker knows what a yes means"
    await asyncio.sleep(0.005)
    monkeypatch.setattr(conversations, "STRETCH_IDLE_MS", 1)
    assert await store.run(turns.leave_stretch, said.conversation_id, 1)


async def test_what_the_bot_never_heard_it_need_not_forget(store: Store) -> None:
    await heard(store, "hola")
    await arrives(store, SECRET, "m1")
    await store.run(deletion.delete, Deletion(*PLACE, "m1"))
    assert await jobs(store, "forget") == []


async def test_what_waits_to_be_forgotten_waits_for_a_store_in_trouble_too(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heard(store, SECRET)
    await store.run(deletion.delete, Deletion(*PLACE, "m0"))
    (job,) = await jobs(store, "forget")
    assistant = Assistant(store, RasaClient("http://127.0.0.1:9", "", 100), 100)
    with monkeypatch.context() as trouble, pytest.raises(Later, match="overloaded"):
        trouble.setattr(the_store, "MAX_QUEUED", 0)
        await assistant.forget(job)
