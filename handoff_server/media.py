"""The files of messages, on disk under their SHA-256: the same file is there once, however often it is sent.

A file is whole and on the disk before a row names it. What no row names any more is swept within two hours.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time

import structlog

from handoff_server.file_type import HEAD, TAIL, FileType, type_of
from handoff_server.refusal import Refusal

log = structlog.get_logger()
SWEEP_SECONDS = 3_600
UNUSED_SECONDS = 3_600  # a row follows its file within seconds
BATCH = 500
GATHER = 1_000_000  # bytes for one visit to a thread
FREE = 500_000_000  # bytes that stay free on the disk: the database may share it
LONGEST_SECONDS = 300
PARTIAL, SWEPT = ".part", ".swept"


@dataclass(frozen=True)
class Kept:
    """A file that is on the disk for good, and may be named in a row."""

    digest: str
    size: int
    type: FileType


class MediaFolder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    async def keep(self, parts: AsyncIterator[bytes], most: int, name: str = "") -> Kept:
        """Writes what comes, and answers when it is on the disk. Refusal `too_large`, `media_type` (also of an empty
        file) or `overloaded`; then, as when `parts` breaks off, nothing is left of it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self.folder).free < FREE + most:
            log.error("media.disk_full", folder=str(self.folder))
            raise Refusal("overloaded", "there is no room for files now; try again later", retry_after=60)
        partial = self.folder / f"{secrets.token_hex(16)}{PARTIAL}"
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                digest, size = await _write(partial, parts, most)
            kind = await asyncio.to_thread(_type_of, partial, name)
            if kind is None:
                raise Refusal("media_type", "files of this type are not taken; docs/protocol.md lists those that are")
            await asyncio.to_thread(_settle, partial, self.file(digest))
            return Kept(digest, size, kind)
        except TimeoutError:
            raise Refusal("invalid_request", f"the file took longer than {LONGEST_SECONDS} s to come") from None
        finally:
            partial.unlink(missing_ok=True)

    async def sweep(self, in_use: Callable[[list[str]], Awaitable[set[str]]]) -> None:
        """Removes what nobody needs, every so often, until cancelled. `in_use`: which of these digests rows name."""
        while True:
            try:
                await self.sweep_once(in_use)
            except Exception:  # the disk or the store is in trouble; the next round may find it well
                log.exception("media.not_swept")
            await asyncio.sleep(SWEEP_SECONDS)

    async def sweep_once(self, in_use: Callable[[list[str]], Awaitable[set[str]]]) -> None:
        before = time() - UNUSED_SECONDS
        old = await asyncio.to_thread(_older, self.folder, before)
        for first in range(0, len(old), BATCH):
            files = old[first : first + BATCH]
            needed = await in_use([file.stem for file in files])
            await asyncio.to_thread(_put_back, [file for file in files if file.stem in needed and file.suffix == SWEPT])
            await asyncio.to_thread(_remove, [file for file in files if file.stem not in needed], before)


async def _write(partial: Path, parts: AsyncIterator[bytes], most: int) -> tuple[str, int]:
    """SHA-256 and size of what is now on the disk."""
    digest, size, gathered = hashlib.sha256(), 0, bytearray()

    def write(last: bool) -> None:
        digest.update(gathered)
        file.write(gathered)
        if last:
            file.flush()
            os.fsync(file.fileno())

    with await asyncio.to_thread(partial.open, "xb") as file:
        async for part in parts:
            size += len(part)
            if size > most:
                raise Refusal("too_large", f"the file is larger than {most} bytes; send a smaller one", limit=most)
            gathered += part
            if len(gathered) >= GATHER:
                await asyncio.to_thread(write, False)
                gathered.clear()
        await asyncio.to_thread(write, True)
    return digest.hexdigest(), size


def _type_of(file: Path, name: str) -> FileType | None:
    with file.open("rb") as content:
        head = content.read(HEAD)
        content.seek(max(0, file.stat().st_size - TAIL))
        return type_of(head, content.read(), name) if head else None


def _settle(partial: Path, file: Path) -> None:
    """Gives the file its name, also where one of that name is there: it is young then, and no sweep takes it."""
    file.parent.mkdir(exist_ok=True, mode=0o700)
    partial.replace(file)
    for folder in (file.parent, file.parent.parent):
        _to_disk(folder)


def _to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _older(folder: Path, before: float) -> list[Path]:
    """The files, whole or not, that were last written before then (seconds since 1970)."""
    found = [*folder.glob(f"*{PARTIAL}"), *folder.glob("??/*")]
    return [file for file in found if _written(file) < before]


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return time()


def _put_back(files: Iterable[Path]) -> None:
    """A sweep was killed between its two steps, and the file has been sent again just then."""
    for file in files:
        file.replace(file.with_suffix(""))


def _remove(files: Iterable[Path], before: float) -> None:
    """The same file may be sent again while its old copy is being removed: what was renewed meanwhile is put back."""
    for file in files:
        aside = file.with_suffix(SWEPT)
        try:
            file.rename(aside)
        except FileNotFoundError:
            continue
        if _written(aside) >= before:
            aside.replace(file)
        else:
            aside.unlink()
            log.info("media.swept", digest=file.name)
