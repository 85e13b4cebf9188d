"""A run's dump: written here, read by the audit. docs/faults.md tells its format."""

import contextlib
import json
import sqlite3
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from tests.faults.journal import Journal, Line
from tests.faults.plan import Plan

Row = dict[str, Any]
VISIBLE = ("sent", "delivered", "read")
SOON_MS = 5_000
# What is done at once, whatever the clock says: their times may lie far ahead after the clock was set back.
WORK = ("bot_turn", "send", "unclear")


class Dump:
    """The three files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def plan(self) -> Row:
        found: Row = json.loads((self.folder / "plan.json").read_text("utf-8"))
        return found

    @cached_property
    def lines(self) -> list[Line]:
        return [json.loads(line) for line in (self.folder / "journal.jsonl").read_text("utf-8").splitlines()]

    def rows(self, table: str) -> list[Row]:
        with contextlib.closing(sqlite3.connect(self.folder / "relevo.db")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]

    def told(self, what: str, who: str = "") -> list[Line]:
        return [line for line in self.lines if line["what"] == what and line["who"].startswith(who)]


def write(folder: Path, plan: Plan, journal: Journal, url: str) -> None:
    (folder / "plan.json").write_text(json.dumps(plan.as_json(), ensure_ascii=False, indent=1), "utf-8")
    journal.write(folder / "journal.jsonl")
    _copy(url, folder / "relevo.db")


def _copy(url: str, path: Path) -> None:
    """The database as one SQLite file, whatever it was."""
    if url.startswith("sqlite:///"):
        live, copy = sqlite3.connect(url.removeprefix("sqlite:///")), sqlite3.connect(path)
        with contextlib.closing(live), contextlib.closing(copy):
            live.backup(copy)
        return
    there, here = sa.create_engine(url), sa.create_engine(f"sqlite:///{path}")
    t.metadata.create_all(here)
    with there.connect() as source, here.begin() as target:
        for table in t.metadata.sorted_tables:
            rows = [dict(row) for row in source.execute(sa.select(table)).mappings()]
            if rows:
                target.execute(table.insert(), rows)
    there.dispose()
    here.dispose()


def under_way(url: str, hub_now: int, seen: dict[str, set[int]], heads: list[int]) -> list[str]:
    """What a run at rest no longer has: jobs due soon, turns posted, sends pending, people who have not seen all.
    `seen`: conversation id → messages its widget shows. `heads`: how far each console is."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        j, m = t.jobs.c, t.messages.c
        soon = sa.or_(j.run_at <= hub_now + SOON_MS, j.kind.in_(WORK))
        jobs = sa.select(j.kind).where(j.dead.is_(False), soon)
        turns = sa.select(t.turns.c.id).where(t.turns.c.state == "posted")
        pending = sa.select(m.id).where(m.delivery == "pending", m.direction == "outgoing")
        shown = sa.select(m.id, m.conversation_id).where(
            m.conversation_id.in_(seen), m.private.is_(False), m.delivery.in_(VISIBLE)
        )
        found = [f"job {kind}" for kind in connection.scalars(jobs)]
        found += [f"turn {turn}" for turn in connection.scalars(turns)]
        found += [f"pending {message}" for message in connection.scalars(pending)]
        found += [f"unseen {row.id}" for row in connection.execute(shown) if row.id not in seen[row.conversation_id]]
        newest = connection.scalar(sa.select(sa.func.max(t.events.c.seq))) or 0
        found += [f"console at {head} of {newest}" for head in heads if head != newest]
    return found
