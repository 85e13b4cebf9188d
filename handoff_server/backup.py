"""Copies of SQLite databases and of files under live traffic, with a manifest by which scripts/restore.py knows them
again."""

import hashlib
import json
import os
import platform
import shutil
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from handoff_server.media_copy import MediaCopy, copy_media
from handoff_server.refusal import Refusal
from handoff_server.settings import ROOT

FORMAT = 1
MANIFEST = "manifest.json"
HUB = "hub"
MEDIA = "media"
SQLITE = "sqlite:///"


@dataclass(frozen=True)
class Copied:
    """One database of the backup; `what` tells whose it is."""

    what: str
    name: str
    bytes: int
    sha256: str


def back_up(sources: dict[str, Path], to: Path, media: Path | None = None) -> list[Copied]:
    """Copies the databases (`what` → file), then the folder `media`, into the new folder `to`. It appears when it is
    whole, and not before."""
    if to.exists():
        raise Refusal("invalid_request", f"{to} exists already; name a new folder")
    partial = to.with_name(f"{to.name}.partial")
    if partial.exists():
        raise Refusal("invalid_request", f"{partial} is in the way: remove what an interrupted backup left")
    try:
        partial.mkdir(parents=True, mode=0o700)
        copied = [_copy(what, source, partial) for what, source in sources.items()]
        files = copy_media(media, partial / MEDIA) if media and media.is_dir() else None
        _write_manifest(partial, copied, files)
        partial.rename(to)
    except (OSError, sqlite3.Error) as error:
        raise Refusal("internal", f"no backup was made: {error}; mend that and repeat the command") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return copied


def hub_file(database_url: str) -> Path:
    if not database_url.startswith(SQLITE):
        raise Refusal("invalid_request", "DATABASE_URL is not SQLite; use pg_dump (docs/operations.md)")
    return Path(database_url.removeprefix(SQLITE))


def _copy(what: str, source: Path, folder: Path) -> Copied:
    if not source.is_file():
        raise Refusal("invalid_request", f"there is no database {source}; check the settings, or start Relevo once")
    target = folder / f"{what}.db"
    target.touch(0o600)
    with closing(sqlite3.connect(source, timeout=30)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # one step: one moment of the database; writers go on meanwhile
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise Refusal("internal", f"{source} is damaged: {found[:200]}; restore an earlier backup")
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    _to_disk(target)
    return Copied(what, target.name, target.stat().st_size, _sha256(target))


def _write_manifest(folder: Path, copied: list[Copied], media: MediaCopy | None) -> None:
    told = {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "schema": _schema(folder / f"{HUB}.db"),
        "versions": {"relevo": _version(), "python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
        "files": [asdict(one) for one in copied],
        "media": asdict(media) if media else None,
    }
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    _to_disk(manifest)


def _schema(hub: Path) -> str | None:
    """The hub's schema revision, when the hub is among the copies."""
    if not hub.is_file():
        return None
    with closing(sqlite3.connect(hub)) as copy:
        return str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def _to_disk(file: Path) -> None:
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
