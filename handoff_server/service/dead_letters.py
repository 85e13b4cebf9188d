"""Jobs that were given up after their last attempt. Operators see them, have them tried again, or drop them."""

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t
from handoff_server.conversations import Actor
from handoff_server.job import Job
from handoff_server.refusal import Refusal
from handoff_server.transaction import Tx


@dataclass(frozen=True)
class DeadLetter:
    """What an operator may know of a job: never what a customer said."""

    id: int
    kind: str
    conversation_id: str | None
    attempts: int
    error: str | None
    died_at: int

    def as_answer(self) -> dict[str, Any]:
        return asdict(self)


def all_of_them(connection: sa.Connection, limit: int = 500) -> list[DeadLetter]:
    """Oldest first."""
    rows = connection.execute(sa.select(t.jobs).where(t.jobs.c.dead).order_by(t.jobs.c.id).limit(limit))
    return [
        DeadLetter(
            row.id, row.kind, _conversation_of(connection, row.payload), row.attempts, row.last_error, row.run_at
        )
        for row in rows
    ]


def counts(connection: sa.Connection) -> dict[str, int]:
    """How many jobs wait for their time or their turn, and how many are dead."""
    rows = connection.execute(sa.select(t.jobs.c.dead, sa.func.count()).group_by(t.jobs.c.dead))
    found = {bool(dead): int(count) for dead, count in rows}
    return {"jobs": found.get(False, 0), "dead_letters": found.get(True, 0)}


def retry(tx: Tx, operator: Actor, job_id: int) -> None:
    """Alive again, with all its attempts. A running hub takes it up at once, or by its next sweep."""
    letter = _dead(tx, job_id)
    revived = {"dead": False, "attempts": 0, "run_at": tx.at, "last_error": None}
    tx.connection.execute(t.jobs.update().where(t.jobs.c.id == job_id).values(**revived))
    tx.jobs.append(Job(letter.id, letter.kind, letter.lane, letter.payload, tx.at))
    _note(tx, operator, "dead_letter.retried", letter)


def retry_all(tx: Tx, operator: Actor) -> int:
    ids = tx.connection.scalars(sa.select(t.jobs.c.id).where(t.jobs.c.dead).order_by(t.jobs.c.id)).all()
    for job_id in ids:
        retry(tx, operator, job_id)
    return len(ids)


def drop(tx: Tx, operator: Actor, job_id: int) -> None:
    """It will never be done."""
    letter = _dead(tx, job_id)
    tx.finish_job(job_id)
    _note(tx, operator, "dead_letter.dropped", letter)


def _dead(tx: Tx, job_id: int) -> sa.Row[Any]:
    letter = tx.connection.execute(sa.select(t.jobs).where(t.jobs.c.id == job_id, t.jobs.c.dead)).first()
    if letter is None:
        raise Refusal("unknown_job", f"there is no dead letter {job_id}; it may have been retried or dropped already")
    return letter


def _note(tx: Tx, operator: Actor, name: str, letter: sa.Row[Any]) -> None:
    conversation_id = _conversation_of(tx.connection, letter.payload)
    tx.record(name, operator, data={"job": letter.id, "kind": letter.kind, "conversation_id": conversation_id})


def _conversation_of(connection: sa.Connection, payload: dict[str, Any]) -> str | None:
    if "conversation_id" in payload:
        return str(payload["conversation_id"])
    m = t.messages.c
    return connection.scalar(sa.select(m.conversation_id).where(m.id == payload.get("message_id")))
