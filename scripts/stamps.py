"""Stamps: what a result was made from. A step is skipped when the digest of its sources equals its result's stamp."""

import hashlib
import os
from pathlib import Path
from typing import Iterable, Iterator

LEFT_OUT = {"node_modules", "dist", "__pycache__", ".pytest_cache"}


def digest(sources: Iterable[Path], *facts: str) -> str:
    """SHA-256 over the names and contents of all files under `sources`, and over further `facts`. A source that does
    not exist counts as such."""
    total = hashlib.sha256()
    for source in sources:
        for file in _files(source):
            total.update(str(file.relative_to(source.parent)).encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"missing")
    for fact in facts:
        total.update(fact.encode() + b"\0")
    return total.hexdigest()


def _files(source: Path) -> Iterator[Path]:
    if not source.is_dir():
        yield source
        return
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        for name in sorted(names):
            yield Path(folder) / name


class Stamp:
    """The digest that `result` was made from, in a file beside it. Written last: half a result has no stamp."""

    def __init__(self, file: Path, result: Path) -> None:
        self.file = file
        self.result = result

    def matches(self, current: str) -> bool:
        return self.result.exists() and self.file.is_file() and self.file.read_text().strip() == current

    def write(self, current: str) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(current + "\n")
