"""SQLite's log is emptied into its file by a thread of the store's own."""

from pathlib import Path

import pytest
from conftest import migrated, until

from handoff_server.service import accounts
from handoff_server.store import Store

pytestmark = pytest.mark.asyncio


async def test_what_is_committed_moves_from_the_log_into_the_file(tmp_path: Path) -> None:
    opened = Store(migrated(tmp_path))
    await opened.start()
    try:
        await opened.run(accounts.create_agent, "ana@demo.example", "Ana", "agent", None)
        await until(lambda: b"ana@demo.example" in (tmp_path / "relevo.db").read_bytes())
    finally:
        await opened.stop()
