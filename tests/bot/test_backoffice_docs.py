"""docs/backoffice.md tells every call, code and column: a company builds on it."""

import dataclasses
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from actions.backoffice.shop import Order, Refusal, Shop
from actions.backoffice.shop_files import KINDS, LANGUAGES
from actions.backoffice.wire import from_json
from tests.fakes.shop import CALLS

TEXT = (Path(__file__).parents[2] / "docs" / "backoffice.md").read_text(encoding="utf-8")


def rows(text: str) -> dict[str, str]:
    return {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}


FILES, CALLED = map(rows, TEXT.split("## The calls"))


@pytest.mark.parametrize("call", sorted(CALLS))
def test_every_call_is_told_with_its_body(call: str) -> None:
    arguments = getattr(Shop, call).__annotations__.keys() - {"return", "key"}
    body = CALLED[call].split("|")[2]
    assert set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", body))) == arguments


def test_every_refusal_is_told() -> None:
    assert [code for code in get_args(Refusal) if f"`{code}`" not in TEXT] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_told(kind: str) -> None:
    spec = KINDS[kind]
    for name in {**spec.needed, **spec.needed_first, **spec.optional}:
        for each in [f"{name}{language}" for language in LANGUAGES] if name.endswith("_") else [name]:
            assert f"`{each}`" in FILES[kind], each


def test_the_example_is_an_order() -> None:
    block = next(one for one in TEXT.split("```") if "POST /v1/order " in one)
    lines = block.strip().splitlines()[1:]
    order = from_json(Order, "".join(line[44:] for line in lines))
    assert (
        isinstance(order, Order)
        and {one.name for one in dataclasses.fields(order)} == json.loads("".join(line[44:] for line in lines)).keys()
    )
