"""`make restore FROM=folder`: puts a backup into place. All is checked first; what it replaces is kept aside."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Tuple

from scripts import ports, restore_media, settings
from scripts.backup import files
from scripts.failure import Failure
from scripts.layout import ROOT, shown

FORMAT = 1
ANOTHER = "Take another backup; this one cannot be trusted."
Move = Tuple[Path, Path]  # what of the backup goes where


def restore(known: Dict[str, str], source: str) -> None:
    """Checks the backup and that nothing runs, then swaps the files."""
    if not source:
        raise Failure("Which backup?", "Name its folder: make restore FROM=var/backups/…")
    folder = ROOT / source
    manifest = _manifest(folder)
    moves = [_checked(folder, one, known) for one in manifest["files"]]
    media = restore_media.checked(folder, manifest["media"], ROOT / known["MEDIA_DIR"])
    _must_know(manifest["schema"])
    ports.check(settings.ports(known))
    for _copy, target in moves:
        _must_be_free(target)
    restore_media.bring(media)
    kept = _swap(moves)
    print(f"Restored from {shown(folder)} of {manifest['made_at']}: " + ", ".join(shown(to) for _from, to in moves))
    if media:
        print(f"Files of messages: {len(media)}, into {shown(ROOT / known['MEDIA_DIR'])}.")
    print("Kept aside: " + ", ".join(shown(file) for file in kept) if kept else "There was nothing there before.")
    print("Start with `make run`: it brings the schema up to date.")


def _manifest(folder: Path) -> Dict[str, Any]:
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise Failure(
                f"The backup has format {manifest['format']}, and this version knows {FORMAT}.",
                "Restore it with the version of Relevo that made it.",
            )
        return {name: manifest[name] for name in ("files", "schema", "made_at")} | {"media": manifest.get("media")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(
            f"{shown(folder)} holds no manifest.json that can be read ({error}).",
            "Name the folder that `make backup` printed.",
        ) from None


def _checked(folder: Path, told: Dict[str, Any], known: Dict[str, str]) -> Move:
    """Where the file belongs, once it is sure that it is the file that was backed up, and a database in order."""
    target = files(known).get(told["what"])
    if target is None:
        raise Failure(
            f"The backup holds {told['what']}, and the settings name no SQLite file for it.",
            "Set DATABASE_URL and SHOP_DATABASE_URL as they were when the backup was made.",
        )
    copy = folder / Path(str(told["name"])).name
    if not copy.is_file() or copy.stat().st_size != told["bytes"] or _sha256(copy) != told["sha256"]:
        raise Failure(f"{shown(copy)} is not the file that the manifest tells of.", ANOTHER)
    try:
        with closing(sqlite3.connect(f"{copy.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise Failure(f"{shown(copy)} is damaged: {found[:200]}", ANOTHER)
    return copy, target


def _must_know(schema: Any) -> None:
    versions = (ROOT / "handoff_server" / "migrations" / "versions").glob("*.py")
    known = [re.findall(r'^revision = "(\w+)"', file.read_text(encoding="utf-8"), re.MULTILINE) for file in versions]
    if schema is not None and [schema] not in known:
        raise Failure(
            f"The backup has schema {schema}, which this version of Relevo does not know.",
            "Update Relevo to the version that made the backup, or a newer one.",
        )


def _must_be_free(target: Path) -> None:
    """SQLite lets nobody change the journal of a database that somebody else has open."""
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=0)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise Failure(
            f"{shown(target)} is in use.", "End Relevo (Ctrl-C where `make run` runs) and whatever else reads it."
        ) from None
    except sqlite3.DatabaseError:
        return  # damaged: that is why one restores


def _swap(moves: List[Move]) -> List[Path]:
    """All copies are on their disks before the first file is replaced. Where the replaced ones are now."""
    kept: List[Path] = []
    for copy, target in moves:
        _bring(copy, target)
    for _copy, target in moves:
        # Beside the database: on the same disk, so that putting it aside takes no room and cannot stop half-way.
        aside = target.parent / "replaced" / time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        for old in (target, *(target.with_name(target.name + end) for end in ("-wal", "-shm", "-journal"))):
            if old.exists():
                aside.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.replace(old, aside / old.name)
                kept.append(aside / old.name)
        os.replace(_brought(target), target)
    return kept


def _bring(copy: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    brought = _brought(target)
    shutil.copyfile(str(copy), str(brought))
    brought.chmod(0o600)
    with brought.open("rb") as written:
        os.fsync(written.fileno())


def _brought(target: Path) -> Path:
    return target.with_name(target.name + ".restored")


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        for part in iter(lambda: content.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()
