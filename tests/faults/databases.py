"""A run's database: a file of SQLite's, or one on PostgreSQL. It can be locked by somebody else, and be in trouble."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.server.postgres import empty_database


class SQLite:
    def __init__(self, path: Path, full_disk: Callable[[], AbstractContextManager[None]]) -> None:
        self.path, self.url = path, f"sqlite:///{path}"
        self.trouble = full_disk  # it is the process that finds no more room

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else writes into the same file, and takes long."""
        with contextlib.closing(self._connection()) as connection:
            with contextlib.suppress(sqlite3.OperationalError):
                connection.execute("BEGIN IMMEDIATE")
            yield

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None, timeout=2, check_same_thread=False)

    def drop(self) -> None:
        for file in self.path.parent.glob(f"{self.path.name}*"):
            file.unlink()


class PostgreSQL:
    def __init__(self, server: str, template: str) -> None:
        self._server = server
        self._made = contextlib.ExitStack()
        self.url = self._made.enter_context(empty_database(server, template))
        self._name = sa.make_url(self.url).database

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody else holds the table into which every change writes."""
        held = contextlib.ExitStack()
        # Two troubles may come at once: then the database is away just now, or goes while we hold the lock.
        with contextlib.suppress(sa.exc.OperationalError):
            connection = held.enter_context(sa.create_engine(self.url, poolclass=sa.NullPool).connect())
            connection.exec_driver_sql("SET lock_timeout = '1s'")
            connection.exec_driver_sql("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        try:
            yield
        finally:
            with contextlib.suppress(sa.exc.OperationalError):
                held.close()

    @contextmanager
    def trouble(self) -> Iterator[None]:
        """The database goes away and takes no connections."""
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'"
        self._administer(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false", cut)
        try:
            yield
        finally:
            self._administer(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")

    def drop(self) -> None:
        self._made.close()

    def _administer(self, *commands: str) -> None:
        engine = sa.create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)


Database = SQLite | PostgreSQL
