"""The folder of files: no file that was acknowledged is lost, whatever dies, and nothing stays that nobody needs."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import files
import httpx
import pytest
from conftest import PASSWORD_HASH, Widget, migrated, until
from hub_process import hub_process

from handoff_server import media as folders
from handoff_server.media import UNUSED_SECONDS, MediaFolder
from handoff_server.refusal import Refusal
from handoff_server.service import accounts, attachments

pytestmark = pytest.mark.asyncio
MOST_UPLOADS = 200


async def parts(content: bytes, size: int = 1_000) -> AsyncIterator[bytes]:
    for first in range(0, len(content), size):
        yield content[first : first + size]


def on_disk(folder: Path) -> set[str]:
    return {file.name for file in folder.rglob("*") if file.is_file()}


def age(folder: Path) -> None:
    """As if all of it had been there for long."""
    long_ago = time.time() - UNUSED_SECONDS - 60
    for file in folder.rglob("*"):
        if file.is_file():
            os.utime(file, (long_ago, long_ago))


async def test_a_file_is_whole_under_its_digest_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path / "media")
    large = files.png(rest=os.urandom(3_000_000))
    kept = await media.keep(parts(large, 64_000), 5_000_000)
    assert media.file(kept.digest).read_bytes() == large and kept.size == len(large)
    assert (await media.keep(parts(large), 5_000_000)) == kept and on_disk(media.folder) == {kept.digest}
    assert all(one.stat().st_mode & 0o077 == 0 for one in (media.folder, media.file(kept.digest).parent))


async def test_only_what_is_old_and_named_by_no_row_is_swept(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path / "media")
    needed, old = [(await media.keep(parts(files.png(size)), 9_999)).digest for size in (2, 3)]
    (media.folder / "0123.part").write_bytes(b"what a killed process left")
    age(media.folder)
    young = (await media.keep(parts(files.png(4)), 9_999)).digest

    async def in_use(digests: list[str]) -> set[str]:
        return {needed} & set(digests)

    await media.sweep_once(in_use)
    assert on_disk(media.folder) == {needed, young} and old not in on_disk(media.folder)


async def test_a_file_that_is_sent_again_while_it_is_swept_stays(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path / "media")
    digest = (await media.keep(parts(files.PDF), 9_999)).digest
    age(media.folder)

    async def in_use(_digests: list[str]) -> set[str]:
        await media.keep(parts(files.PDF), 9_999)  # its row is not committed yet
        return set()

    await media.sweep_once(in_use)
    assert media.file(digest).read_bytes() == files.PDF and on_disk(media.folder) == {digest}


async def test_a_sweep_that_was_killed_half_way_takes_nothing_that_is_needed(tmp_path: Path) -> None:
    media = MediaFolder(tmp_path / "media")
    needed, old = [(await media.keep(parts(files.png(size)), 9_999)).digest for size in (2, 3)]
    for digest in (needed, old):
        media.file(digest).rename(media.file(digest).with_suffix(".swept"))
    age(media.folder)

    async def in_use(digests: list[str]) -> set[str]:
        return {needed} & set(digests)

    await media.sweep_once(in_use)
    assert on_disk(media.folder) == {needed}


async def test_a_disk_that_is_nearly_full_is_left_to_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = MediaFolder(tmp_path / "media")
    monkeypatch.setattr(folders, "FREE", 10**18)
    with pytest.raises(Refusal) as refused:
        await media.keep(parts(files.PDF), 9_999)
    assert refused.value.code == "overloaded" and on_disk(media.folder) == set()


async def test_a_sender_who_never_ends_is_sent_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = MediaFolder(tmp_path / "media")
    monkeypatch.setattr(folders, "LONGEST_SECONDS", 0.2)

    async def drops() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.05)

    with pytest.raises(Refusal) as refused:
        await media.keep(drops(), 9_999)
    assert refused.value.code == "invalid_request" and on_disk(media.folder) == set()


async def test_no_upload_that_was_acknowledged_is_lost_when_the_hub_is_killed(tmp_path: Path) -> None:
    async with hub_process(migrated(tmp_path), tmp_path) as (process, hub):
        await hub.store.run(accounts.create_agent, "marta@demo.example", "Marta", "agent", PASSWORD_HASH)
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id="m1", text="hola")
            conversation = widget.conversation_id
        cookie = await hub.log_in("marta@demo.example")
        acknowledged: dict[str, bytes] = {}
        async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}, timeout=30) as http:
            uploads = [asyncio.create_task(_upload(http, conversation, one, acknowledged)) for one in range(8)]
            await until(lambda: len(acknowledged) >= 5, 30)
            process.process.kill()
            await process.process.wait()
            await asyncio.gather(*uploads, return_exceptions=True)
        assert 5 <= len(acknowledged) < 8 * MOST_UPLOADS, "the hub died in the middle of it"
        await process.start()
        async with httpx.AsyncClient(base_url=hub.url, headers={"Cookie": cookie}) as http:
            for attachment_id, content in acknowledged.items():
                assert (await http.get(f"/api/v1/attachments/{attachment_id}")).content == content
        age(hub.media)
        media = MediaFolder(hub.media)
        await media.sweep_once(partial(hub.store.read, attachments.in_use))
        named = await hub.store.read(attachments.in_use, list(on_disk(hub.media)))
        assert on_disk(hub.media) == named and len(named) >= len(acknowledged)


async def _upload(http: httpx.AsyncClient, conversation: str, sender: int, acknowledged: dict[str, bytes]) -> None:
    """One file after the other, until there is no hub any more."""
    for number in range(MOST_UPLOADS):
        content = files.png(rest=bytes([sender, number]) * 100_000)
        made = await http.post("/api/v1/attachments", params={"conversation_id": conversation}, content=content)
        if made.status_code == 201:
            acknowledged[made.json()["id"]] = content
