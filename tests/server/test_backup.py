"""A backup that is made while people write, restored elsewhere: everything acknowledged before is there, once."""

import asyncio
import errno
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import files
import pytest
from conftest import Hub, Widget, free_port, migrated, until
from hub_process import hub_process
from test_end import Chatter, said

from handoff_server.media import MediaFolder
from handoff_server.media_copy import copy_media
from handoff_server.settings import ROOT


def settings_for(folder: Path, **more: str) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    ports = {name: str(free_port()) for name in ("RELEVO_PORT", "RASA_PORT", "ACTIONS_PORT")}
    databases = {
        "DATABASE_URL": f"sqlite:///{folder}/relevo.db",
        "SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "RASA_TRACKER_DB": f"{folder}/rasa.db",
        "MEDIA_DIR": f"{folder}/media",
    }
    return {**os.environ, **ports, **databases, **more}


def command(name: str, settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "scripts", name]
    return subprocess.run(call, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=60, check=False)


def small(path: Path, word: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE words (word)")
        database.execute("INSERT INTO words VALUES (?)", (word,))
        database.commit()


def words(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [word for (word,) in database.execute("SELECT word FROM words")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small backup of all three, made where nothing runs."""
    folder = tmp_path_factory.mktemp("backup")
    here = folder / "here"
    here.mkdir()
    migrated(here)
    small(here / "shop.db", "shop")
    small(here / "rasa.db", "rasa")
    asyncio.run(_file(here))
    ended = command("backup", settings_for(here, TO=str(folder / "copy")))
    assert ended.returncode == 0, ended.stderr
    return folder / "copy"


async def _file(here: Path) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield files.PDF

    await MediaFolder(here / "media").keep(parts(), 1_000)


@pytest.fixture
def backup(made: Path, tmp_path: Path) -> Path:
    """A copy of it, with its permissions."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.mark.asyncio
async def test_what_was_acknowledged_before_a_backup_under_traffic_is_restored_once(tmp_path: Path) -> None:
    here, there, copy = tmp_path / "here", tmp_path / "there", tmp_path / "copy"
    settings = settings_for(here, TO=str(copy))
    small(here / "shop.db", "shop")
    small(here / "rasa.db", "rasa")
    async with hub_process(migrated(here), tmp_path) as (process, hub):
        chatters = [Chatter(hub, await hub.widget_session()) for _ in range(4)]
        writing = [asyncio.create_task(chatter.write()) for chatter in chatters]
        await until(lambda: all(len(chatter.acknowledged) > 3 for chatter in chatters), 20)
        before = {text for chatter in chatters for text in chatter.acknowledged}
        made = await asyncio.to_thread(command, "backup", settings)
        assert made.returncode == 0, made.stdout + made.stderr
        counts = [len(chatter.acknowledged) for chatter in chatters]
        await until(lambda: all(len(one.acknowledged) > count for one, count in zip(chatters, counts, strict=True)), 20)
        in_use = command("restore", settings_for(here, FROM=str(copy)))
        assert in_use.returncode == 1 and "relevo.db is in use" in in_use.stderr
        busy = command("restore", settings_for(there, FROM=str(copy), RELEVO_PORT=str(process.port)))
        assert busy.returncode == 1 and str(process.port) in busy.stderr
        assert await process.end() == 0
        await asyncio.gather(*writing)

    restored = command("restore", settings_for(there, FROM=str(copy)))
    assert restored.returncode == 0, restored.stderr
    assert (words(there / "shop.db"), words(there / "rasa.db")) == (["shop"], ["rasa"])
    async with hub_process(f"sqlite:///{there}/relevo.db", tmp_path) as (_process, hub):
        texts = await said(hub)
        assert before <= set(texts) and len(texts) == len(set(texts))
        await _goes_on(hub, chatters[0])


async def _goes_on(hub: Hub, chatter: Chatter) -> None:
    """The customer's own page finds the conversation again, and what it repeats is not said twice."""
    async with Widget(hub, chatter.session) as widget:
        repeated = chatter.acknowledged[0]
        assert (await widget.call("send", client_message_id=repeated, text=repeated))["ok"]
        assert (await widget.call("send", client_message_id="new", text="¿siguen ahí?"))["ok"]
        await until(lambda: "¿siguen ahí?" in widget.texts())
    assert (await said(hub)).count(repeated) == 1


def test_a_backup_tells_what_it_holds_and_only_its_owner_may_read_it(backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert [one["what"] for one in manifest["files"]] == ["hub", "trackers", "shop"]
    assert manifest["schema"] and set(manifest["versions"]) == {"relevo", "python", "sqlite"}
    assert all((backup / one["name"]).stat().st_size == one["bytes"] for one in manifest["files"])
    for file in backup.glob("*.db"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    names = ["hub.db", "manifest.json", "media", "shop.db", "trackers.db"]
    assert sorted(file.name for file in backup.iterdir()) == names
    assert manifest["media"] == {"files": 1, "bytes": len(files.PDF)}


def test_files_come_back_and_what_was_damaged_is_mended(backup: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    settings = settings_for(there, FROM=str(backup))
    (copy,) = (backup / "media").glob("??/*")
    file = there / "media" / copy.parent.name / copy.name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"damaged")
    restored = command("restore", settings)
    assert restored.returncode == 0, restored.stderr
    assert [one.read_bytes() for one in (there / "media").glob("??/*")] == [files.PDF]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_restore_replaces_is_kept_aside(backup: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    settings = settings_for(there, FROM=str(backup))
    small(there / "shop.db", "replaced")
    restored = command("restore", settings)
    assert restored.returncode == 0, restored.stderr
    assert words(there / "shop.db") == ["shop"]
    (kept,) = (there / "replaced").glob("*/shop.db")
    assert words(kept) == ["replaced"] and kept.name in restored.stdout


def _cut(backup: Path) -> None:
    file = backup / "hub.db"
    file.write_bytes(file.read_bytes()[:-4096])


def _turn_a_bit(backup: Path) -> None:
    file = backup / "hub.db"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _another_file(backup: Path) -> None:
    (file,) = (backup / "media").glob("??/*")
    file.unlink()
    file.write_bytes(files.PDF + b" ")


def _tell(backup: Path, **told: Any) -> None:
    file = backup / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | told))


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (_cut, "hub.db"),
        (_turn_a_bit, "hub.db"),
        (lambda backup: (backup / "shop.db").unlink(), "shop.db"),
        (lambda backup: (backup / "manifest.json").unlink(), "manifest.json"),
        (lambda backup: (backup / "manifest.json").write_text("{}"), "manifest.json"),
        (_another_file, "media"),
        (lambda backup: _tell(backup, media={"files": 2, "bytes": 9}), "media"),
        (lambda backup: _tell(backup, format=9), "format 9"),
        (lambda backup: _tell(backup, schema="9999"), "schema 9999"),
    ],
    ids=[
        "cut",
        "one bit",
        "a file is missing",
        "no manifest",
        "empty manifest",
        "another file",
        "a file too few",
        "foreign format",
        "newer schema",
    ],
)
def test_a_backup_that_cannot_be_trusted_changes_nothing(backup: Path, tmp_path: Path, harm: Any, word: str) -> None:
    harm(backup)
    there = tmp_path / "there"
    settings = settings_for(there, FROM=str(backup))
    small(there / "shop.db", "mine")
    refused = command("restore", settings)
    assert refused.returncode == 1 and word in refused.stderr and "→" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert words(there / "shop.db") == ["mine"] and not (there / "relevo.db").exists()


def test_a_backup_is_never_written_over_another(backup: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    small(here / "shop.db", "shop")
    again = command("backup", settings_for(here, TO=str(backup)))
    assert again.returncode == 1 and "exists already" in again.stderr


def test_the_hub_alone_is_copied_by_its_own_command(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    migrated(here)
    call = [sys.executable, "-m", "handoff_server", "backup", "--to", str(tmp_path / "copy")]
    made = subprocess.run(call, cwd=ROOT, env=settings_for(here), capture_output=True, text=True, check=False)
    assert made.returncode == 0 and "hub.db" in made.stdout
    foreign = settings_for(here, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    call[-1] = str(tmp_path / "other")
    refused = subprocess.run(call, cwd=ROOT, env=foreign, capture_output=True, text=True, check=False)
    assert refused.returncode == 1 and "pg_dump" in refused.stderr


@pytest.mark.parametrize("on_another_disk", [True, False])
def test_a_file_that_is_swept_meanwhile_does_not_end_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_another_disk: bool
) -> None:
    source, to, link = tmp_path / "media", tmp_path / "copy", os.link
    for name in ("aa" + "0" * 62, "ab" + "0" * 62):
        (source / name[:2]).mkdir(parents=True)
        (source / name[:2] / name).write_bytes(b"hola")

    def sweeps(file: Path, copy: Path) -> None:
        if on_another_disk:
            if file.parent.name == "aa":
                file.unlink()
            raise OSError(errno.EXDEV, "another disk")
        link(file, copy)
        file.unlink()

    monkeypatch.setattr(os, "link", sweeps)
    told = copy_media(source, to)
    assert (told.files, told.bytes) == ((1, 4) if on_another_disk else (2, 8))
    assert sum(one.is_file() for one in to.rglob("*")) == told.files
