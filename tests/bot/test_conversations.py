"""Whole conversations with the real assistant: tests/bot/conversations/*.yml, one file a topic.

- conversation: what the customer goes through
  language: en                      # that of the conversation so far; es unless said otherwise
  turns:
    - customer: where is my order   # what is typed …
      press: Yes, cancel it         # … or the title of a button of the last answer
      bot: [utter_ask_solved]       # the responses, all of them, in this order
      says: on its way              # words that the answer contains; one or a list
      form: order_status            # still open after the turn; none when left out
      slots: {email: a@b.co}        # as the hub sees them; null for one that is not set
      skill: found                  # the outcome that a skill reports; none when left out
      case: solved                  # none when left out
      asked: [{csat: 4}]            # what is asked of the hub in this turn beside handoffs; nothing when left out
      decision: handoff             # none when left out
      reason: customer_request
  hub: {status: closed}             # how the hub is: its attributes, as conftest.Hub has them
  shop: {RX-4822: {state: cancelled}}   # what the shop's database holds afterwards; unchanged when left out
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from conftest import Assistant, Hub, texts
from ruamel.yaml import YAML

from actions.backoffice.database import Database
from actions.backoffice.seed import seed
from actions.backoffice.sql import SqlShop
from actions.backoffice.tables import orders, refunds, returns, tries

FILES = sorted((Path(__file__).parent / "conversations").glob("*.yml"))
READ = YAML(typ="safe")
CONVERSATIONS = [(file.stem, one) for file in FILES for one in READ.load(file.read_text(encoding="utf-8"))]
WORDS = {"conversation", "language", "turns", "shop", "hub"}
EXPECTED = {"customer", "press", "bot", "says", "form", "slots", "skill", "case", "decision", "reason", "asked"}


@pytest.fixture(scope="module")
def first_state(environment: dict[str, str]) -> Database:
    database = Database(environment["SHOP_DATABASE_URL"])
    seed(database, date.today(), reset=True)
    return database


@pytest.fixture
def shop(first_state: Database, request: pytest.FixtureRequest) -> Iterator[SqlShop]:
    """Every conversation begins with the same orders, and nobody has guessed yet."""
    with first_state.write() as connection:
        connection.execute(sa.delete(tries))
    yield SqlShop(first_state)
    if request.node.callspec.params["conversation"].get("shop"):
        seed(first_state, date.today(), reset=True)


@pytest.mark.parametrize(
    "conversation",
    [one for _, one in CONVERSATIONS],
    ids=[f"{topic}: {one['conversation']}" for topic, one in CONVERSATIONS],
)
def test_a_conversation_goes_as_it_should(
    conversation: dict[str, Any], assistant: Assistant, sender: str, shop: SqlShop, hub: Hub
) -> None:
    assert conversation.keys() <= WORDS
    hub.calm()
    vars(hub).update(conversation.get("hub", {}))
    language, last, before = conversation.get("language", "es"), None, shop_state(shop)
    for turn in conversation["turns"]:
        assert turn.keys() <= EXPECTED
        said = turn.get("customer") or pressed(last, turn["press"])
        last = assistant.say(sender, said, language)
        language = last["report"]["language"]
        check_answer(turn, last)
        check_report(turn, last["report"])
        check_limits(last)
        check_asked(turn, hub)
    changes = conversation.get("shop", {})
    expected = {number: state | changes.get(number, {}) for number, state in before.items()}
    assert shop_state(shop) == expected


def test_there_are_many_conversations_in_both_languages_and_no_two_are_the_same() -> None:
    names = [one["conversation"] for _, one in CONVERSATIONS]
    lines = [tuple(turn.get("customer") or turn["press"] for turn in one["turns"]) for _, one in CONVERSATIONS]
    english = sum(one.get("language") == "en" for _, one in CONVERSATIONS)
    assert len(set(names)) == len(set(lines)) == len(CONVERSATIONS) >= 60
    assert 20 <= english <= len(CONVERSATIONS) - 20


def pressed(answer: dict[str, Any] | None, title: str) -> str:
    """The payload of the button; only what was offered can be pressed."""
    offered = {
        one["title"]: one["payload"]
        for message in (answer or {"messages": []})["messages"]
        for one in message["buttons"]
    }
    assert title in offered, f"{title} is not among {sorted(offered)}"
    return str(offered[title])


def check_answer(turn: dict[str, Any], answer: dict[str, Any]) -> None:
    said = [message["response"] for message in answer["messages"]]
    if "bot" in turn:
        assert said == turn["bot"], f"after {turn}: {texts(answer)}"
    words = turn.get("says", [])
    for one in [words] if isinstance(words, str) else words:
        assert one in texts(answer), f"after {turn}: {texts(answer)}"


def check_report(turn: dict[str, Any], report: dict[str, Any]) -> None:
    noted = {
        "form": (report["form"] or "").removesuffix("_form") or None,
        "skill": (report["skill"] or {}).get("outcome"),
        "case": report["case"],
        "decision": report["decision"]["action"],
        "reason": report["decision"]["reason"],
    }
    usual = {"decision": "none"}
    assert noted == {name: turn.get(name, usual.get(name)) for name in noted}, f"after {turn}"
    slots = turn.get("slots", {})
    assert {name: report["slots"].get(name) for name in slots} == slots, f"after {turn}"


def check_asked(turn: dict[str, Any], hub: Hub) -> None:
    about = ("version", "sender", "turn_id", "survey_id")
    asked = [{name: value for name, value in body.items() if name not in about} for body in hub.asked]
    hub.asked.clear()
    assert asked == turn.get("asked", []), f"after {turn}"


def check_limits(answer: dict[str, Any]) -> None:
    """What every channel can show, with nothing left of a template."""
    for message in answer["messages"]:
        buttons = message["buttons"]
        # Up to three are buttons everywhere; more of them are a list to open, which only the survey asks for.
        assert len(buttons) <= (5 if "survey_csat" in (message["response"] or "") else 3)
        assert all(len(one["title"]) <= 20 for one in buttons)
        assert len(message["text"]) <= (1024 if buttons else 4000)
        assert message["text"].strip() and "{" not in message["text"]


def shop_state(shop: SqlShop) -> dict[str, dict[str, Any]]:
    """Of every order: what conversations may change."""
    with shop.database.read() as connection:
        known = connection.execute(sa.select(orders.c.number, orders.c.state, orders.c.address, orders.c.city)).all()
        money = dict(connection.execute(sa.select(refunds.c.number, refunds.c.state)).all())
        back = dict(connection.execute(sa.select(returns.c.number, returns.c.kind)).all())
    return {
        number: {
            "state": state,
            "address": address,
            "city": city,
            "refund": money.get(number),
            "return": back.get(number),
        }
        for number, state, address, city in known
    }
