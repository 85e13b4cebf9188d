"""Wrong pairs of order number and e-mail, counted across conversations and restarts. Keys are kept as hashes only."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from actions.backoffice.database import Database
from actions.backoffice.tables import tries

WINDOW = 3600.0
LIMITS = {"order": 5, "email": 5, "source": 10}  # wrong ones within the window


class TooManyTries(Exception):
    """Not even a right pair is looked up now: whoever guessed so often may have guessed it."""


class Tries:
    """Blocking; actions call it in a thread."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._secret = os.environ.get("HANDOFF_TOKEN", "").encode()[:64]

    def begin(self, number: str, email: str, source: str | None) -> str:
        """Counts a try as wrong until `forget` says otherwise. TooManyTries when there have been enough.

        The row is committed before anybody counts: of many tries at once, each sees those that came before it, in
        whichever process and on whichever database.
        """
        limits = self._limits(number, email, source)
        one = uuid.uuid4().hex
        with self._database.write() as connection:
            connection.execute(sa.delete(tries).where(tries.c.at <= self._clock() - WINDOW))
            connection.execute(sa.insert(tries), [{"id": one, "key": key, "at": self._clock()} for key in limits])
        if self._too_many(limits):
            self.forget(one)
            raise TooManyTries
        return one

    def forget(self, one: str) -> None:
        """The pair was right, or was never looked up."""
        with self._database.write() as connection:
            connection.execute(sa.delete(tries).where(tries.c.id == one))

    def _too_many(self, limits: dict[str, int]) -> bool:
        recent = tries.c.key.in_(limits), tries.c.at > self._clock() - WINDOW
        counted = sa.select(tries.c.key, sa.func.count()).where(*recent).group_by(tries.c.key)
        with self._database.read() as connection:
            return any(count > limits[key] for key, count in connection.execute(counted))

    def _limits(self, number: str, email: str, source: str | None) -> dict[str, int]:
        known = {"order": number.strip().upper(), "email": email.strip().lower(), "source": source or ""}
        return {self._hidden(f"{kind}:{value}"): LIMITS[kind] for kind, value in known.items() if value}

    def _hidden(self, key: str) -> str:
        return hashlib.blake2b(key.encode(), key=self._secret, digest_size=32).hexdigest()
