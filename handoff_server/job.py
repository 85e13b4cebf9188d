"""Work to be done, and what of it is left."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t


@dataclass(frozen=True)
class Job:
    """Work to be done after the commit. Jobs of one lane run one after the other."""

    id: int
    kind: str
    lane: str
    payload: dict[str, Any]
    run_at: int
    attempts: int = 0


def jobs_left(connection: sa.Connection) -> list[Job]:
    """All that is still to be done, in the order in which it was asked for."""
    j = t.jobs.c
    rows = connection.execute(sa.select(t.jobs).where(j.dead.is_(False)).order_by(j.id))
    return [Job(row.id, row.kind, row.lane, row.payload, row.run_at, row.attempts) for row in rows]
