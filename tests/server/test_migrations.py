"""A database that is in use goes back to the release before, and forward again, and loses no message."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from conftest import on_each_database

from handoff_server.service import intake
from handoff_server.service.intake import Arrival
from handoff_server.settings import ROOT
from handoff_server.store import Store


@pytest.mark.asyncio
@on_each_database
async def test_back_to_the_release_before_and_forward_again(database: str) -> None:
    store = Store(database)
    await store.start()
    await store.run(intake.arrive, Arrival("telegram", "17", "42", "Elena", "m1", "mi envío"), 0)
    await store.stop()
    config = Config()
    config.set_main_option("script_location", str(ROOT / "handoff_server" / "migrations"))
    config.attributes["url"] = database
    command.downgrade(config, "0005")
    command.upgrade(config, "head")
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT text FROM messages").scalars().all() == ["mi envío"]
        assert connection.exec_driver_sql("SELECT text FROM keywords").scalar_one().startswith("Elena")
    engine.dispose()
