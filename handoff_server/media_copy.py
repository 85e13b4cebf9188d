"""A copy of the media folder, while it is in use: every file's name is the SHA-256 of what must be in it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MediaCopy:
    """What a manifest tells of it."""

    files: int
    bytes: int


def copy_media(source: Path, to: Path) -> MediaCopy:
    """Files never change, so on the same disk a second name is a copy. To be made after the database's copy: then all
    that its rows name is there."""
    count = size = 0
    for folder in sorted(source.glob("??")):
        (to / folder.name).mkdir(parents=True, mode=0o700)
        for file in folder.iterdir():
            copy = to / folder.name / file.name
            if not file.suffix and _brought(file, copy):
                count += 1
                size += copy.stat().st_size  # the file itself may be swept by now
    return MediaCopy(count, size)


def _brought(file: Path, copy: Path) -> bool:
    try:
        _copy(file, copy)
    except FileNotFoundError:  # swept just now: no row names it
        return False
    return True


def _copy(file: Path, copy: Path) -> None:
    try:
        os.link(file, copy)
    except FileNotFoundError:
        raise
    except OSError:  # another disk
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
