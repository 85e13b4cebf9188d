"""`python -m actions.backoffice.import_shop FOLDER`: a company's own products, deliveries, questions and so on.

What is imported replaces the whole of its kind, in one transaction. Where one cell is wrong, nothing is imported.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from actions.backoffice.database import Database
from actions.backoffice.door import database_url
from actions.backoffice.shop_files import KINDS, Rows, ShopFile, find_files, read_kind
from actions.backoffice.table_file import Trouble, Unusable
from actions.backoffice.tables import brought, metadata

MOST_TROUBLES = 20  # shown; whoever mends these sees the next


def read_folder(folder: Path) -> dict[str, ShopFile]:
    """Kind → its file. Unusable with the troubles of all files together."""
    read, troubles = {}, []
    for kind, path in find_files(folder).items():
        try:
            read[kind] = read_kind(kind, path)
        except Unusable as error:
            troubles += error.troubles
    if troubles:
        raise Unusable(troubles)
    return read


def replace(connection: Any, kind: str, rows: Rows) -> None:
    for name in KINDS[kind].tables:
        connection.execute(sa.delete(metadata.tables[name]))
        if rows[name]:
            connection.execute(sa.insert(metadata.tables[name]), rows[name])


def import_folder(database: Database, folder: Path) -> dict[str, int]:
    """Kind → how many rows of its file were imported. From now on the demo's data of that kind stay away."""
    read = read_folder(folder)
    with database.write() as connection:
        for kind, file in read.items():
            replace(connection, kind, file.rows)
            connection.execute(sa.delete(brought).where(brought.c.kind == kind))
            connection.execute(sa.insert(brought), {"kind": kind})
    return {kind: file.lines for kind, file in read.items()}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0] or not Path(arguments[0]).is_dir():
        print("Name the folder with your files: make import-shop FROM=folder (docs/backoffice.md)", file=sys.stderr)
        return 2
    try:
        imported = import_folder(Database(database_url()), Path(arguments[0]))
    except Unusable as error:
        _tell(error.troubles)
        return 1
    for kind, count in imported.items():
        print(f"{kind}: {count} imported")
    return 0


def _tell(troubles: list[Trouble]) -> None:
    for one in troubles[:MOST_TROUBLES]:
        print(one, file=sys.stderr)
    if len(troubles) > MOST_TROUBLES:
        print(f"… and {len(troubles) - MOST_TROUBLES} more.", file=sys.stderr)
    print("Nothing was imported.", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
