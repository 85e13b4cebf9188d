"""Alembic's entry: the address comes from the command, the wished-for schema from `tables`."""

from alembic import context

from handoff_server.store import open_engine
from handoff_server.tables import metadata

engine = open_engine(context.config.attributes["url"])
with engine.connect() as connection:
    # SQLite alters tables by copying them, which Alembic calls batch mode.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
engine.dispose()
