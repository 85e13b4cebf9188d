"""Guessing which e-mail belongs to an order is limited, however many conversations, sources and processes guess."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import ROOT, Assistant, Hub, texts
from rasa_sdk import Tracker

from actions.backoffice.database import Database
from actions.backoffice.tables import tries
from actions.backoffice.tries import LIMITS, WINDOW, TooManyTries, Tries
from actions.verification import VERIFIED_SECONDS, outlived


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_466_400.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path}/shop.db")


def passed(tried: Tries, number: str, email: str, source: str | None = None) -> bool:
    """Was this wrong pair looked up at all?"""
    try:
        return bool(tried.begin(number, email, source))
    except TooManyTries:
        return False


def test_many_sources_and_emails_on_one_order_are_limited_together(database: Database) -> None:
    allowed = [passed(Tries(database), "rx-4821", f"{n}@example.com", f"{n:064x}") for n in range(9)]
    assert allowed == [True] * LIMITS["order"] + [False] * 4
    assert passed(Tries(database), "RX-4822", "tomas@example.com", "f" * 64), "other orders are not touched"


def test_one_email_on_many_orders_is_limited_however_it_is_written(database: Database) -> None:
    emails = ["Elena@example.com", "elena@example.com ", "ELENA@EXAMPLE.COM"] * 3
    allowed = [passed(Tries(database), f"RX-{n:04}", email) for n, email in enumerate(emails)]
    assert allowed == [True] * LIMITS["email"] + [False] * 4


def test_one_source_with_new_pairs_each_time_is_limited(database: Database) -> None:
    allowed = [passed(Tries(database), f"RX-{n:04}", f"{n}@example.com", "a" * 64) for n in range(14)]
    assert allowed == [True] * LIMITS["source"] + [False] * 4
    assert passed(Tries(database), "RX-9999", "new@example.com", "b" * 64)


def test_the_window_passes_and_takes_the_old_rows_with_it(database: Database) -> None:
    clock = Clock()
    tried = Tries(database, clock)
    while passed(tried, "RX-4821", "a@example.com"):
        clock.now += 1
    clock.now += WINDOW
    assert passed(tried, "RX-4821", "a@example.com")
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tries)) == 2, "one try: its order and e-mail"


def test_right_pairs_and_refused_ones_are_not_counted(database: Database) -> None:
    clock = Clock()
    tried = Tries(database, clock)
    for _ in range(20):
        tried.forget(tried.begin("RX-4821", "elena@example.com", "a" * 64))
    while passed(tried, "RX-4821", "a@example.com"):
        pass
    clock.now += WINDOW / 2
    assert not passed(tried, "RX-4821", "a@example.com")
    clock.now += WINDOW / 2
    assert passed(tried, "RX-4821", "a@example.com"), "who goes on asking is not kept out for ever"


def test_no_order_e_mail_or_source_stands_in_the_table(database: Database) -> None:
    Tries(database).begin("RX-4821", "elena@example.com", "a" * 64)
    with database.read() as connection:
        kept = str(connection.execute(sa.select(tries)).all())
    assert not [word for word in ("4821", "elena", "a" * 64) if word in kept]


GUESS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from actions.backoffice.database import Database
from actions.backoffice.tries import TooManyTries, Tries
tried = Tries(Database(sys.argv[1]))
def guess(number):
    try:
        return bool(tried.begin("RX-4821", f"{sys.argv[2]}{number}@example.com", None))
    except TooManyTries:
        return False
with ThreadPoolExecutor(4) as pool:
    print(sum(pool.map(guess, range(8))))
"""


def test_two_processes_at_once_get_no_more_tries_than_one(database: Database) -> None:
    command = [sys.executable, "-c", GUESS, str(database.engine.url)]
    both = [subprocess.Popen([*command, name], cwd=ROOT, stdout=subprocess.PIPE, text=True) for name in "ab"]
    allowed = [int(one.communicate(timeout=60)[0]) for one in both]
    assert 0 < sum(allowed) <= LIMITS["order"]


# the verification itself


def tracker_verified(at: float) -> Tracker:
    event: dict[str, Any] = {"event": "slot", "name": "verified_order", "value": "RX-4821", "timestamp": at}
    slots = {"verified_order": "RX-4821", "email": "elena@example.com"}
    return Tracker("c1.1", slots, {}, [event], False, None, {}, "action_listen")


def test_a_verification_ends_and_the_email_must_be_said_again() -> None:
    old = tracker_verified(time.time() - VERIFIED_SECONDS)
    ended = {"verified_order": None, "verified_name": None}
    assert outlived(old, "¿dónde está mi pedido?") == {**ended, "email": None}
    assert outlived(old, "soy elena@example.com") == ended, "what is being said now is new"
    assert outlived(tracker_verified(time.time()), "¿dónde está mi pedido?") == {}


# the real assistant


def pair(assistant: Assistant, sender: str, number: str, email: str, source: str) -> dict[str, Any]:
    assistant.say(sender, "/order_status", source=source)
    assistant.say(sender, number, source=source)
    return assistant.say(sender, email, source=source)


def test_new_conversations_do_not_give_one_source_new_tries(assistant: Assistant, hub: Hub) -> None:
    source = uuid.uuid4().hex * 2
    stranger = uuid.uuid4().hex[:8]
    wrong = [
        pair(assistant, f"c{stranger}{n}.1", f"ZZ-{1000 + n}", f"{stranger}{n}@example.com", source) for n in range(10)
    ]
    assert {one["report"]["skill"]["outcome"] for one in wrong} == {"not_found"}
    right = pair(assistant, f"c{stranger}x.1", "QM-1908", "ana@example.com", source)
    assert right["messages"] == [] and right["report"]["skill"]["outcome"] == "refused"
    evidence = right["report"]["decision"]["evidence"]
    assert (evidence["rule"], evidence["text"]) == ("verification_failed", None)
    assert "verified_order" not in right["report"]["slots"]
    assert (hub.taken[-1]["reason"], hub.taken[-1]["sender"]) == ("repeated_failure", f"c{stranger}x.1")
    other = pair(assistant, f"c{stranger}y.1", "QM-1908", "ana@example.com", uuid.uuid4().hex * 2)
    assert "Linterna" in texts(other), "another source is not touched"


def test_a_name_is_the_shops_and_only_for_whom_the_hub_has_none(assistant: Assistant, sender: str) -> None:
    typed = assistant.say(sender, "hola, soy Tomás Arango, mi correo es elena@example.com")
    assert "verified_name" not in typed["report"]["slots"]
    assert assistant.say(sender, "¿dónde está mi pedido RX-4821?")["report"]["slots"]["verified_name"] == "Elena Rojas"
    seed = {"language": "es", "customer": {"name": "Lena"}, "slots": {}, "settled": None}
    known = assistant.say(f"{sender}1", "¿dónde está mi pedido RX-4821? elena@example.com", seed=seed)
    assert known["report"]["slots"]["verified_order"] == "RX-4821"
    assert "verified_name" not in known["report"]["slots"]
