"""Rows of a group of changes that the database has not been given yet: one statement for all of a kind.

A statement costs more than the row it writes, so a hundred messages are one INSERT of a hundred rows.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from handoff_server import tables as t

Rows = dict[Any, dict[str, Any]]
# New rows come behind those that they point to, and a handoff ends before the next one opens.
_ORDER = (t.customers, t.conversations, t.cases, t.handoffs, t.messages, t.events, t.jobs)
_KEYS = {table: next(iter(table.primary_key.columns)) for table in _ORDER}
# Statements are made once: SQLAlchemy spends more time on making one than the database on carrying it out.
_INSERT = {table: table.insert() for table in _ORDER}
_UPDATE = {table: table.update().where(column == sa.bindparam("key")) for table, column in _KEYS.items()}
_DELETE = {table: table.delete().where(column == sa.bindparam("key")) for table, column in _KEYS.items()}


class Pending:
    """New, changed and dropped rows, by table and key."""

    def __init__(self) -> None:
        self._new: dict[sa.Table, Rows] = defaultdict(dict)
        self._changed: dict[sa.Table, Rows] = defaultdict(dict)
        self._dropped: dict[sa.Table, list[Any]] = defaultdict(list)

    def add(self, table: sa.Table, key: Any, row: Mapping[str, Any]) -> None:
        self._new[table][key] = dict(row)

    def change(self, table: sa.Table, key: Any, values: Mapping[str, Any]) -> None:
        if key in self._new[table]:
            self._new[table][key].update(values)
        elif values:
            self._changed[table].setdefault(key, {}).update(values)

    def drop(self, table: sa.Table, key: Any) -> None:
        if self._new[table].pop(key, None) is None:
            self._dropped[table].append(key)

    def flush(self, connection: sa.Connection) -> None:
        """Gives everything to the database."""
        for table in _ORDER:
            for rows in _alike(self._changed.pop(table, {})):
                connection.execute(_UPDATE[table], rows)
            if new := self._new.pop(table, None):
                connection.execute(_INSERT[table], list(new.values()))
            if dropped := self._dropped.pop(table, None):
                connection.execute(_DELETE[table], [{"key": key} for key in dropped])


def _alike(changed: Rows) -> list[list[dict[str, Any]]]:
    """Changes of the same columns are one statement."""
    found: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    for key, values in changed.items():
        found[frozenset(values)].append(values | {"key": key})
    return list(found.values())
