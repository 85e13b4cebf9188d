"""The shop's SQL database: brought to the newest schema at its first use, read and changed in transactions."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.backoffice.migrations import migrate
from actions.backoffice.shop import ShopUnavailable

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 2.0  # the longest wait for somebody else's change


class Database:
    """Blocking. Trouble of the database is ShopUnavailable."""

    def __init__(self, url: str) -> None:
        sqlite = url.startswith("sqlite")
        self.engine = sa.create_engine(_from_root(url), connect_args={"timeout": SECONDS} if sqlite else {})
        self._lock, self._ready = threading.Lock(), False
        if sqlite:
            sa.event.listen(self.engine, "connect", _leave_begin_to_us)
            sa.event.listen(self.engine, "begin", _begin)

    @contextlib.contextmanager
    def read(self) -> Iterator[Any]:
        """A connection that sees one moment of the database."""
        with self._connection(writing=False) as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Any]:
        """A connection whose changes are committed at the end; nobody else changes anything meanwhile."""
        with self._connection(writing=True) as connection:
            yield connection

    @contextlib.contextmanager
    def _connection(self, writing: bool) -> Iterator[Any]:
        try:
            self._make_ready()
            with self.engine.connect().execution_options(writing=writing) as connection, connection.begin():
                yield connection
        except sa.exc.OperationalError as error:
            raise ShopUnavailable(f"the shop's database: {error.orig}") from error

    def _make_ready(self) -> None:
        with self._lock:
            if not self._ready:
                with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
                    migrate(connection)
                self._ready = True


def _leave_begin_to_us(connection: Any, _record: Any) -> None:
    """Python's sqlite3 begins a transaction at the first change only, too late for what was read before it."""
    connection.isolation_level = None


def _begin(connection: Any) -> None:
    """A change takes the lock before it looks, so that two at once cannot both find an order unshipped."""
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _from_root(url: str) -> str:
    """SQLite paths are meant from the repository's root, wherever the process was started."""
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return prefix + str(ROOT / url[len(prefix) :])
    return url
