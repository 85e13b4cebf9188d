"""Inbox and history when there is much: the hub's own queries on 1 M messages, and on a tenth of them."""

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from benchmarks.hub import migrate
from benchmarks.relaying import quantile
from benchmarks.row import Row, Tally, alone
from handoff_server import change
from handoff_server import tables as t
from handoff_server.store import open_engine

SIZES = {"tenth": 100_000, "whole": 1_000_000}
PER_CONVERSATION = 10
TIMES = 300
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
_CUSTOMERS = "INSERT INTO customers (id, name, created_at) SELECT 'p' || i, 'Ana', i FROM n"
_CONVERSATIONS = """INSERT INTO conversations (id, customer_id, channel, account, external_id, language, owner, epoch,
    stretch, stretch_turns, turned_id, carried, last_message_id, last_author, last_text, last_at, unread, created_at,
    updated_at) SELECT 'c' || i, 'p' || i, 'whatsapp', '1', i, 'es', 'bot', 1, 1, 0, 0, '{{}}', i * {each}, 'customer',
    'Hola, ¿dónde está mi pedido?', i, 0, i, i FROM n"""
_MESSAGES = """INSERT INTO messages (conversation_id, channel, account, direction, author, text, buttons, private,
    delivery, epoch, created_at) SELECT 'c' || ((i - 1) / {each} + 1), 'whatsapp', '1', 'incoming', 'customer',
    'Hola, ¿dónde está mi pedido? ' || i, '[]', 0, 'delivered', 1, i FROM n"""


async def measure(rounds: int) -> list[Row]:
    tally = Tally()
    for size, count in SIZES.items():
        with TemporaryDirectory(prefix="relevo-bench-") as folder:
            url = f"sqlite:///{folder}/relevo.db"
            migrate(url)
            _fill(Path(folder) / "relevo.db", count)
            engine = open_engine(url)
            with engine.connect() as connection:
                for _ in range(rounds):
                    tally.add(f"inbox {size}", _p99(partial(_inbox, connection)))
                    tally.add(f"history {size}", _p99(partial(_history, connection, count)))
            engine.dispose()
    rows = []
    for name, what in (("inbox", "inbox, 50 conversations"), ("history", "history, 10 messages")):
        whole, tenth = tally[f"{name} whole"], tally[f"{name} tenth"]
        rows.append(alone(f"{what}, p99 at 1 M messages", "ms", whole, "≤ 5"))
        rows.append(Row(f"{what}: 1 M messages against 100 k", "ms", whole, tenth, "≤ 1.5", whole / tenth))
    return rows


def _inbox(connection: sa.Connection, _place: int) -> None:
    c = t.conversations.c
    newest = sa.select(c.id).where(c.last_at.is_not(None)).order_by(c.last_at.desc()).limit(50)
    ids = set(connection.scalars(newest))
    change.render(connection, change.Touched(conversations=ids), 0, 0)


def _history(connection: sa.Connection, count: int, place: int) -> None:
    conversation = f"c{place * 7919 % (count // PER_CONVERSATION) + 1}"
    found, _more = change.history(connection, conversation, None, 50, 0)
    assert len(found["messages"]) == PER_CONVERSATION


def _p99(query: Callable[[int], None]) -> float:
    took = []
    for place in range(TIMES):
        began = time.perf_counter()
        query(place)
        took.append((time.perf_counter() - began) * 1000)
    return quantile(sorted(took), 0.99)


def _fill(file: Path, count: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        conversations = _NUMBERS.format(count=count // PER_CONVERSATION)
        connection.execute(conversations + _CUSTOMERS)
        connection.execute(conversations + _CONVERSATIONS.format(each=PER_CONVERSATION))
        connection.execute(_NUMBERS.format(count=count) + _MESSAGES.format(each=PER_CONVERSATION))
    connection.close()
