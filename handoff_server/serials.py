"""Whose turn it is to write, and the numbers of the next rows.

Writers take turns, also those of several processes on one PostgreSQL: each group of changes begins by counting itself
in the one row of `writer`, which nobody else can do before that group is committed. So ids grow in the order of the
commits, whoever asks for what came after an id has missed nothing, and a writer knows whether it was the only one
since its last group.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from handoff_server import tables as t

_w = t.writer.c
_TAKE_TURN = t.writer.update().values(groups=_w.groups + 1).returning(*_w)
_KEEP = t.writer.update().values(
    {name: sa.bindparam(f"last_{name}") for name in ("message", "event", "job")},
)


@dataclass
class Serials:
    """The last numbers given, and how many groups there have been."""

    groups: int
    message: int
    event: int
    job: int

    def next_message(self) -> int:
        self.message += 1
        return self.message

    def next_event(self) -> int:
        self.event += 1
        return self.event

    def next_job(self) -> int:
        self.job += 1
        return self.job

    def keep(self, connection: sa.Connection) -> None:
        connection.execute(_KEEP, {"last_message": self.message, "last_event": self.event, "last_job": self.job})


def take_turn(connection: sa.Connection, after: int) -> tuple[Serials, bool]:
    """The numbers to go on from, and whether this writer was the only one since its group `after`.

    When it was not, rows may have come in past the writers (a database filled by hand): numbers begin behind them.
    """
    row = connection.execute(_TAKE_TURN).first()
    if row is None:
        connection.execute(t.writer.insert().values(groups=1, message=0, event=0, job=0))
        row = connection.execute(_TAKE_TURN).one()
    serials = Serials(*row)
    if serials.groups == after + 1:
        return serials, True
    for name, column in (("message", t.messages.c.id), ("event", t.events.c.seq), ("job", t.jobs.c.id)):
        newest = connection.scalar(sa.select(sa.func.max(column))) or 0
        setattr(serials, name, max(getattr(serials, name), newest))
    return serials, False
