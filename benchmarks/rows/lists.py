"""Inbox, history and search when there is much: the hub's own queries on 1 M messages, and on a tenth of them.

The words are drawn as people use them: the second of all words is in every fourth message, most are in hardly any.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate, product
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from benchmarks.hub import migrate
from benchmarks.relaying import quantile
from benchmarks.row import Row, Tally, alone
from handoff_server import change, finding, listing
from handoff_server import tables as t
from handoff_server.filters import conditions
from handoff_server.store import open_engine
from handoff_server.words import words

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
    delivery, epoch, created_at) VALUES ('c' || ((? - 1) / {each} + 1), 'whatsapp', '1', 'incoming', 'customer', ?,
    '[]', 0, 'delivered', 1, ?)"""
_WORDS = [
    *"hola pedido dónde está envío código tarjeta devolución".split(),
    *map("".join, product("ba ce di fo gu la me ni po ru sa te vi xo ya zu tran pro con der".split(), repeat=3)),
]
_CUMULATED = list(accumulate(1 / place for place in range(1, len(_WORDS) + 1)))
# Common and rare words, two of them, and what somebody has typed so far.
SEARCHES = ("hola", "zutrander", "hola devolución", "h", "pe", "ped", "pedid", "código tarj", "zutran hola", "4821")


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
                    tally.add(f"inbox {size}", quantile(_times(partial(_inbox, connection)), 0.99))
                    tally.add(f"history {size}", quantile(_times(partial(_history, connection, count)), 0.99))
                    tally.add(f"hits {size}", quantile(_times(partial(_hits, connection)), 0.99))
                    took = _times(partial(_search, connection))
                    tally.add(f"search {size}", quantile(took, 0.99))
                    tally.add(f"search, half {size}", quantile(took, 0.5))
                    tally.add(f"filtered {size}", quantile(_times(partial(_filtered, connection)), 0.99))
            engine.dispose()
    rows = []
    told = {
        "inbox": "inbox, 50 conversations",
        "history": "history, 10 messages",
        "hits": "search, the newest 100 hits in the index",
        "search": "search, the whole answer of 30 conversations",
        "filtered": "list by a rare channel",
    }
    for name, what in told.items():
        whole, tenth = tally[f"{name} whole"], tally[f"{name} tenth"]
        rows.append(alone(f"{what}, p99 at 1 M messages", "ms", whole, "≤ 5"))
        rows.append(Row(f"{what}: 1 M messages against 100 k", "ms", whole, tenth, "≤ 1.5", whole / tenth))
    rows.append(alone("search, the whole answer, p50 at 1 M messages", "ms", tally["search, half whole"], "≤ 5"))
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


def _hits(connection: sa.Connection, place: int) -> None:
    finding.newest(connection, words(SEARCHES[place % len(SEARCHES)]), finding.Place())


def _search(connection: sa.Connection, place: int) -> None:
    finding.found(connection, SEARCHES[place % len(SEARCHES)], conditions(None), None, 0)


def _filtered(connection: sa.Connection, _place: int) -> None:
    found, _next = listing.conversations(connection, conditions({"channel": "telegram"}), None, 0)
    assert not found


def _times(query: Callable[[int], None]) -> list[float]:
    """Milliseconds, the shortest first."""
    took = []
    for place in range(TIMES):
        began = time.perf_counter()
        query(place)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def _fill(file: Path, count: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        conversations = _NUMBERS.format(count=count // PER_CONVERSATION)
        connection.execute(conversations + _CUSTOMERS)
        connection.execute(conversations + _CONVERSATIONS.format(each=PER_CONVERSATION))
        connection.executemany(_MESSAGES.format(each=PER_CONVERSATION), _said(count))
    connection.close()


def _said(count: int) -> Iterator[tuple[int, str, int]]:
    """Number, text and time of each message."""
    drawn = random.Random(1)  # words, no secrets
    for number in range(1, count + 1):
        words = drawn.choices(_WORDS, cum_weights=_CUMULATED, k=drawn.randint(3, 12))
        yield number, f"{' '.join(words)} {number * 7919 % 1_000_000}", number
