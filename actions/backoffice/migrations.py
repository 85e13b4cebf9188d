"""Takes the shop's database through the files of `schema/`, in their order. Alembic is not in Rasa's environment.

A file that was released is never changed; a new one gets the next number. No statement may hold a semicolon inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.backoffice.shop import ShopUnavailable

FILES = sorted((Path(__file__).parent / "schema").glob("*.sql"))
version = sa.Table("shop_schema", sa.MetaData(), sa.Column("version", sa.Integer, nullable=False))


class NewerSchema(ShopUnavailable):
    """The database was migrated by a later version of Relevo."""


def migrate(connection: Any) -> None:
    """Brings the database to the newest schema within the connection's transaction. Data are kept."""
    version.create(connection, checkfirst=True)
    done = connection.scalar(sa.select(version.c.version))
    if done is not None and done > len(FILES):
        raise NewerSchema(f"the shop's schema is {done}, this version knows {len(FILES)}: update Relevo")
    if done == len(FILES):
        return
    for file in FILES[done or 0 :]:
        for statement in _statements(file):
            connection.exec_driver_sql(statement)
    connection.execute(version.insert() if done is None else version.update(), {"version": len(FILES)})


def _statements(file: Path) -> list[str]:
    return [one for one in file.read_text(encoding="utf-8").split(";") if one.strip()]
