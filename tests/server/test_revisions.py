"""What a customer takes back on a platform is gone wherever it could be read."""

from typing import Any

import pytest
from conftest import on_each_database

from handoff_server import change
from handoff_server.attachment import Remote
from handoff_server.clock import now
from handoff_server.file_type import PNG
from handoff_server.media import Kept
from handoff_server.message import Message
from handoff_server.service import accounts, attachments, intake, replies, revisions
from handoff_server.service.agent import Agent
from handoff_server.service.intake import Arrival
from handoff_server.service.revisions import Deletion
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
    assert await store.run(revisions.delete, Deletion(*PLACE, "m1"))
    assert await preview(store, said) == ""


async def test_an_earlier_message_leaves_the_last_words_as_they_are(store: Store) -> None:
    await arrives(store, SECRET, "m1")
    last = await arrives(store, SECRET, "m2")
    assert await store.run(revisions.delete, Deletion(*PLACE, "m1"))
    assert await preview(store, last) == SECRET


async def test_its_files_are_no_longer_served(store: Store) -> None:
    said = await arrives(store, "", "m1", attachments=(Remote("image", {"id": "7"}, "cedula.png", "image/png"),))
    file_id = said.attachments[0]["id"]
    await store.run(attachments.fetched, 0, file_id, Kept("d" * 64, 3, PNG))
    assert await store.read(attachments.in_use, ["d" * 64])
    assert await store.run(revisions.delete, Deletion(*PLACE, "m1"))
    assert await store.read(attachments.one, file_id) is None
    assert not await store.read(attachments.in_use, ["d" * 64]), "the sweep leaves the file where it is"


async def test_a_file_that_was_still_on_its_way_does_not_come_back(store: Store) -> None:
    said = await arrives(store, "", "m1", attachments=(Remote("image", {"id": "7"}),))
    await store.run(revisions.delete, Deletion(*PLACE, "m1"))
    await store.run(attachments.fetched, 0, said.attachments[0]["id"], Kept("d" * 64, 3, PNG))
    assert not await store.read(attachments.in_use, ["d" * 64])
