"""Writes `teams.yml` anew: whole or not at all, and never over what somebody else has written meanwhile."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from handoff_server.refusal import Refusal
from handoff_server.teams_file import BadTeams, load_teams
from handoff_server.teams_form import CannotKeep, rewritten, shown
from handoff_server.teams_schema import WrongTeams

Answer = dict[str, Any]


class TeamsEditor:
    """One file, or none. It blocks: for a thread, one at a time."""

    def __init__(self, path: Path | None) -> None:
        self._path = path.resolve() if path else None  # a link stays one: the file that it leads to is written

    def read(self) -> Answer:
        """`policy`: what the file says, or none. `tag`: of this very content. `why` it cannot be edited here, or none:
        no_file, unreadable (`problems` tells each line that is wrong), read_only."""
        if self._path is None:
            return {"policy": None, "tag": None, "why": "no_file", "problems": []}
        try:
            load_teams(self._path)
            text = self._path.read_text(encoding="utf-8")
            return {"policy": shown(text), "tag": _tag(text), "why": self._why_not(self._path), "problems": []}
        except BadTeams as bad:
            return {"policy": None, "tag": None, "why": "unreadable", "problems": str(bad).splitlines()}

    def write(self, wanted: Any, tag: str) -> str:
        """The tag of what stands there now. Refusal `invalid_request` with `problems` [{place, code, message}],
        `edited_meanwhile` when `tag` is not of what stands there; with `why`, `forbidden` when it is not to be written
        here (no_file, read_only, by_hand) and `internal` when that failed (not_written)."""
        if self._path is None or (why := self._why_not(self._path)):
            why = why if self._path else "no_file"
            raise Refusal("forbidden", f"the teams file cannot be written here ({why}); edit it by hand", why=why)
        before = self._path.read_text(encoding="utf-8")
        if _tag(before) != tag:
            raise Refusal("edited_meanwhile", "the teams file has been changed since it was read; read it again")
        try:
            after = rewritten(before, wanted)
        except WrongTeams as wrong:
            problems = [{"place": one.place, "code": one.code, "message": one.told} for one in wrong.problems]
            raise Refusal("invalid_request", "some of it cannot be used", problems=problems) from None
        except CannotKeep as cannot:
            raise Refusal("forbidden", str(cannot), why="by_hand") from None
        try:
            _replace(self._path, before, after)
        except (
            OSError
        ) as error:  # a full disk; a file that is a mount of its own, which nothing can be put in the place of
            told = (
                f"the teams file could not be written ({error.strerror}); it is as it was, so mend that and save again"
            )
            raise Refusal("internal", told, why="not_written") from error
        return _tag(after)

    @staticmethod
    def _why_not(path: Path) -> str | None:
        may = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        return None if may else "read_only"


def _replace(path: Path, before: str, after: str) -> None:
    """In one step, so that nobody ever reads half a file; and by a look just before it, so that no editor's save
    between reading and writing is lost."""
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as new:
            new.write(after)
            new.flush()
            os.fsync(new.fileno())
        shutil.copymode(path, name)
        if path.read_text(encoding="utf-8") != before:
            raise Refusal("edited_meanwhile", "the teams file has been changed since it was read; read it again")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _tag(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
