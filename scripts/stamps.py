"""A step is done when the content it depends on is what it was the last time the step succeeded."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

IGNORED = {"__pycache__", "node_modules", "dist", ".pytest_cache"}


def fingerprint(paths: Iterable[Path], *more: str) -> str:
    """SHA-256 over names and contents of files and folders, and over more words. A path that is missing counts as such."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        for file in sorted(_files(path)):
            digest.update(str(file.relative_to(path.parent)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest() if file.is_file() else b"missing")
    for word in more:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    if not path.is_dir():
        return [path]
    return [file for file in path.rglob("*") if file.is_file() and not IGNORED & set(file.relative_to(path).parts)]


class Stamp:
    """Remembers a fingerprint beside what was made from it."""

    def __init__(self, path: Path, wanted: str, made: Path) -> None:
        self._path, self._wanted, self._made = path, wanted, made

    def holds(self) -> bool:
        return self._made.exists() and self._path.is_file() and self._path.read_text().strip() == self._wanted

    def set(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(self._wanted + "\n")
