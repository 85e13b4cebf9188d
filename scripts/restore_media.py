"""The files of messages in a backup: checked by their names, and put beside those that are there."""

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any, List, Tuple

from scripts.failure import Failure
from scripts.layout import shown

Move = Tuple[Path, Path]  # what of the backup goes where


def checked(folder: Path, told: Any, target: Path) -> List[Move]:
    """Every file of the backup and its place. Failure unless all are there, each of them what its name says."""
    if not told:
        return []
    files = sorted((folder / "media").glob("??/*"))
    wrong = next((file for file in files if _sha256(file) != file.name), None)
    if wrong or len(files) != told["files"] or sum(file.stat().st_size for file in files) != told["bytes"]:
        raise Failure(
            f"{shown(wrong or folder / 'media')} is not what the manifest tells of.",
            "Take another backup; this one cannot be trusted.",
        )
    return [(file, target / file.parent.name / file.name) for file in files]


def bring(moves: List[Move]) -> None:
    """A file that is there already is the same one, or damaged: so it is replaced. Others stay; the hub sweeps them."""
    for copy, target in moves:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        brought = target.with_suffix(".restored")
        shutil.copyfile(str(copy), str(brought))
        brought.chmod(0o600)
        with brought.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(brought, target)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        for part in iter(lambda: content.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()
