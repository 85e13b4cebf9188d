"""Wrong pairs of order number and e-mail, counted across conversations and restarts. Keys are kept as hashes only."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from actions.backoffice.shop import metadata

WINDOW = 3600.0
LIMITS = {"order": 5, "email": 5, "source": 10}  # wrong ones within the window
tries = sa.Table(
    "verification_tries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)


class TooManyTries(Exception):
    """Not even a right pair is looked up now: whoever guessed so often may have guessed it."""


class Tries:
    """Blocking; actions call it in a thread."""

    def __init__(self, engine: sa.engine.Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._clock = engine, clock
        self._secret = os.environ.get("HANDOFF_TOKEN", "").encode()[:64]
        self._there_is_a_table = False

    def begin(self, number: str, email: str, source: str | None) -> str:
        """Counts a try as wrong until `forget` says otherwise. TooManyTries when there have been enough.

        The row is committed before anybody counts: of many tries at once, each sees those that came before it, in
        whichever process and on whichever database.
        """
        limits = self._limits(number, email, source)
        one = uuid.uuid4().hex
        with self._ready().begin() as connection:
            connection.execute(sa.delete(tries).where(tries.c.at <= self._clock() - WINDOW))
            connection.execute(sa.insert(tries), [{"id": one, "key": key, "at": self._clock()} for key in limits])
        if self._too_many(limits):
            self.forget(one)
            raise TooManyTries
        return one

    def forget(self, one: str) -> None:
        """The pair was right, or was never looked up."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(tries).where(tries.c.id == one))

    def _too_many(self, limits: dict[str, int]) -> bool:
        recent = tries.c.key.in_(limits), tries.c.at > self._clock() - WINDOW
        counted = sa.select(tries.c.key, sa.func.count()).where(*recent).group_by(tries.c.key)
        with self._engine.connect() as connection:
            return any(count > limits[key] for key, count in connection.execute(counted))

    def _limits(self, number: str, email: str, source: str | None) -> dict[str, int]:
        known = {"order": number.strip().upper(), "email": email.strip().lower(), "source": source or ""}
        return {self._hidden(f"{kind}:{value}"): LIMITS[kind] for kind, value in known.items() if value}

    def _hidden(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self._secret, digest_size=32).hexdigest()

    def _ready(self) -> sa.engine.Engine:
        """A shop that was seeded by an earlier version has no such table yet."""
        if not self._there_is_a_table:
            with self._engine.begin() as connection:
                connection.execute(sa.schema.CreateTable(tries, if_not_exists=True))
            self._there_is_a_table = True
        return self._engine
