"""Whatever comes through the contract's doors: a documented answer, nothing half done, and never silence."""

import asyncio
import copy
import json
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from conftest import Hub, Widget, spoken, until
from fastapi import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handoff_server import contract
from handoff_server import tables as t
from handoff_server.refusal import Refusal

EXAMPLES = {
    name: json.loads((contract.FOLDER / "examples" / f"{name}.{example}.json").read_text("utf-8"))
    for name, example in (
        ("handoff_request", "customer_request"),
        ("callback_request", "email"),
        ("survey_request", "csat"),
        ("transcript_request", "any"),
        ("turn_response", "answer"),
    )
}
DOORS = [name for name in EXAMPLES if name.endswith("_request")]
BOUNDED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADERS = {"Authorization": "Bearer handoff-token"}


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = {"a": [value]}
    return value


odd = (
    st.sampled_from([None, True, -1, 1.5, 10**400, float("nan"), float("inf")])
    | st.sampled_from(["", "\x00", "\ud800", "/restart", "a" * 5000, "a value of tomorrow"])
    | st.builds(nested, st.sampled_from([0, 10, 60]))
)
some_json = st.recursive(
    odd | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inner for found in ((*path, key), *places(one, (*path, key)))]


@st.composite
def broken(draw: st.DrawFn, name: str) -> Any:
    """A valid example in which one or two places are missing, of another type, or joined by something unknown."""
    body = copy.deepcopy(EXAMPLES[name])
    for _ in range(draw(st.integers(1, 2))):
        *path, last = draw(st.sampled_from(places(body)))
        around = body
        for part in path:
            around = around[part]
        match draw(st.sampled_from(["missing", "other", "more"])):
            case "missing":
                del around[last]
            case "more" if isinstance(around, dict):
                around["a_field_of_tomorrow"] = draw(some_json)
            case _:
                around[last] = draw(some_json)
    return body


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_passes_the_check_can_be_kept_and_read_by_everybody(name: str) -> None:
    @BOUNDED
    @given(some_json | broken(name))
    def checked(body: Any) -> None:
        try:
            passed = contract.check(name, body)
        except Refusal as refusal:
            assert refusal.code in ("invalid_request", "unsupported_version")
            refusal.message.encode()
        else:
            assert "\\u0000" not in json.dumps(passed, allow_nan=False)
            json.dumps(passed, ensure_ascii=False).encode()

    checked()


async def rows(hub: Hub) -> dict[str, int]:
    def count(connection: sa.Connection) -> dict[str, int]:
        tables = t.metadata.sorted_tables
        return {one.name: connection.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in tables}

    return await hub.store.read(count)


@pytest.mark.asyncio
@BOUNDED
@given(st.data())
async def test_no_body_breaks_a_door_of_the_assistant_or_leaves_a_row(hub: Hub, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(DOORS))
    body = data.draw(some_json | broken(name))
    before = await rows(hub)
    async with httpx.AsyncClient(base_url=hub.url, headers=HEADERS, timeout=20) as http:
        answer = await http.post(f"/api/v1/{name.removesuffix('_request')}s", content=json.dumps(body))
    codes = {400: ("invalid_request", "unsupported_version"), 404: ("unknown_conversation",)}
    assert answer.json()["error"]["code"] in codes[answer.status_code], answer.text
    assert await rows(hub) == before


HOSTILE = [
    "",
    "{",
    "[" * 100_000,
    '{"version": 1' + "0" * 5000 + "}",
    "\ud800".encode("utf-8", "surrogatepass"),
    b"\xff\xfe\x00",
    "null",
    "x" * 2_000_001,
]
IN_A_SLOT = ['"\\u0000"', '"\\ud800"', "NaN", "-Infinity", "1e999", "9" * 400, "[" * 500 + "]" * 500]
IN_A_SLOT += ["[" * 60_000 + "]" * 60_000]


@pytest.mark.asyncio
async def test_a_turn_under_way_survives_hostile_handoffs_and_the_good_one_counts(hub: Hub) -> None:
    answers: list[httpx.Response] = []

    async def hand_over(turn: dict[str, Any]) -> Any:
        good = EXAMPLES["handoff_request"] | {"sender": turn["sender"], "turn_id": turn["turn_id"]}
        text = json.dumps(good)
        bodies = [*HOSTILE, *(text.replace('"RX-4821"', one) for one in IN_A_SLOT), text]
        async with httpx.AsyncClient(base_url=hub.url, headers=HEADERS, timeout=20) as http:
            for body in bodies:
                answers.append(await http.post("/api/v1/handoffs", content=body))
        return spoken(turn)

    hub.rasa.answer = hand_over
    async with Widget(hub, await hub.widget_session()) as widget:
        await widget.call("send", client_message_id="m1", text="ayuda")
        await until(lambda: len(answers) == len(HOSTILE) + len(IN_A_SLOT) + 1, 20)
        await until(lambda: widget.state.get("owner") == "queue")
    refused = [one.status_code for one in answers[:-1]]
    assert set(refused) == {400, 413}, refused
    assert (await rows(hub))["handoffs"] == 1


def answers_to(turn: dict[str, Any]) -> list[Any]:
    good = spoken(turn, "hola")
    report = good["report"]
    return [
        None,
        [],
        "hola",
        {},
        good | {"version": 2},
        good | {"turn_id": "t-another"},
        good | {"messages": None},
        good | {"messages": [{"text": "x" * 4001, "buttons": []}]},
        good | {"messages": [{"text": "nul \x00", "buttons": []}]},
        good | {"messages": [{"text": "half \ud800", "buttons": []}]},
        {name: value for name, value in good.items() if name != "report"},
        good | {"report": report | {"slots": nested(300)}},
        good | {"report": report | {"slots": {"n": 10**400}}},
        good | {"report": report | {"intent": {"name": "x", "confidence": float("nan")}}},
    ]


@pytest.mark.asyncio
async def test_a_malformed_answer_of_the_assistant_brings_a_person(hub: Hub) -> None:
    async def odd_answer(turn: dict[str, Any]) -> Any:
        return Response(json.dumps(answers_to(turn)[int(turn["text"])]), media_type="application/json")

    async def brings_a_person(number: int) -> None:
        async with Widget(hub, await hub.widget_session()) as widget:
            await widget.call("send", client_message_id="m1", text=str(number))
            # The customer's words and the receipt; message and state are two frames.
            await until(lambda: widget.state.get("owner") == "queue" and len(widget.texts()) == 2, 20)

    hub.rasa.answer = odd_answer
    count = len(answers_to({"turn_id": "t", "language": "es"}))
    await asyncio.gather(*(brings_a_person(number) for number in range(count)))
    reasons = await hub.store.read(lambda connection: list(connection.scalars(sa.select(t.handoffs.c.reason))))
    assert reasons == ["bot_failure"] * count
