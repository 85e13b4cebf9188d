"""Bodies of every kind, ours and, where that folder lies beside the project, the real world's: taken without an error,
understood or kept, acted on once. And whatever else anybody may post."""

import copy
import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handoff_server.channels import CHANNELS
from handoff_server.channels.channel import Channel
from handoff_server.deliveries import shown
from handoff_server.refusal import Refusal
from handoff_server.settings import ROOT, Settings
from tests.webhooks.__main__ import deliver
from tests.webhooks.bodies import CHANNELS as FOLDERS
from tests.webhooks.bodies import deliveries, signed
from tests.webhooks.examples import BODIES
from tests.webhooks.own_hub import made_up, own_hub, settings_of

BESIDE = Path(os.environ.get("WEBHOOKS_DIR", ROOT.parent / "shared" / "webhooks"))
MADE_UP = settings_of(made_up(Path("var")))
OURS: dict[str, Channel] = {name: set_up(MADE_UP) for name, set_up in CHANNELS.items()}


@pytest.fixture(scope="module")
def hub() -> Iterator[Settings]:
    with own_hub() as running:
        yield running


def written(folder: Path) -> Path:
    for platform, bodies in BODIES.items():
        (folder / platform).mkdir()
        for name, body in bodies.items():
            (folder / platform / f"{name}.json").write_text(json.dumps(body), "utf-8")
    return folder


def test_every_kind_of_body_is_taken_and_acted_on_once(
    hub: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = deliver(deliveries(written(tmp_path), hub), hub, hub.address)
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert (tally.errors, tally.doubled) == (0, 0), lines
    assert tally.sent == 2 * sum(map(len, BODIES.values()))
    for name, words in {
        "whatsapp/text.json": "message text 'hola' stored",
        "whatsapp/image.json": "message image with image '' stored",
        "whatsapp/order.json": "message order '[order] 2 x A' stored",
        "whatsapp/of_tomorrow.json": "message hologram '[other]' stored",
        "whatsapp/hidden_phone.json": "message text 'hola' stored",
        "whatsapp/edit.json": "edit text 'mejor' stored",
        "whatsapp/number.json": "moved kept",
        "whatsapp/group.json": "ignored: group",
        "whatsapp/echo.json": "echo ignored",
        "whatsapp/failed.json": "status failed (whatsapp:131047) of no message of ours",
        "telegram/start.json": "message text '/start anuncio' stored",
        "telegram/venue.json": "message location with place '' stored",
        "telegram/poll.json": "message poll '[other]' stored",
        "telegram/stopped.json": "reach kept",
        "telegram/error.json": "ignored: update ok",
        "messenger/sticker.json": "message sticker with sticker '' stored",
        "messenger/standby.json": "message text 'a otra app' stored",
        "messenger/echo.json": "echo ignored",
        "instagram/changed.json": "message text 'hola' stored",
        "twilio/media.json": "message image with image '' stored",
        "twilio/status.json": "status failed (twilio:63016) of no message of ours",
    }.items():
        assert lines[name] == words, name


if BESIDE.is_dir():

    def test_bodies_of_the_real_world_are_taken_and_acted_on_once(hub: Settings) -> None:
        tally = deliver(deliveries(BESIDE, hub), hub, hub.address)
        assert tally.sent and (tally.errors, tally.doubled) == (0, 0)


def _mangled(chance: random.Random, value: Any) -> Any:
    """The same with something in it that does not belong there."""
    odd: list[Any] = [None, True, -1, 1e308, 2**64, "", "\x00\ud83d", "🙂" * 500, [], {}, [[]], {"": {}}, "../../etc"]
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice([*value])
        return {**value, key: _mangled(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.9:
        return [*value, _mangled(chance, value[0])] if chance.random() < 0.3 else [_mangled(chance, value[0])]
    return chance.choice(odd)


def test_no_body_however_hostile_breaks_the_hub_tells_a_secret_or_works_twice(hub: Settings) -> None:
    chance = random.Random("webhooks")
    secrets = [value for name, value in hidden(hub) if value]
    token = {"Authorization": f"Bearer {hub.handoff_token.get_secret_value()}"}
    with httpx.Client(base_url=hub.address, timeout=30) as http:
        for platform, bodies in BODIES.items():
            channel = FOLDERS.get(platform, platform)
            if channel == "twilio_whatsapp":
                continue
            hostile = [json.dumps(_mangled(chance, copy.deepcopy(one))).encode() for one in bodies.values()]
            for raw in [*hostile, b"", b"null", b"[]", b"\xff\xfe", b"{" * 5000, b'{"entry":' * 500, b"1e999"]:
                answers = [
                    http.post(f"/webhooks/{channel}", content=raw, headers=signed(channel, raw, hub)) for _ in range(2)
                ]
                for answer in answers:
                    assert answer.status_code in (200, 400), (channel, raw[:300], answer.text)
                    assert not [one for one in secrets if one in answer.text]
                told = http.get(f"/api/v1/deliveries/{_sha256(raw)}", headers=token).json()["deliveries"]
                assert not [one for later in told[1:] for one in later["told"] if one["outcome"] == "stored"], raw


def hidden(hub: Settings) -> list[tuple[str, str]]:
    return [(name, value.get_secret_value()) for name, value in hub if hasattr(value, "get_secret_value")]


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


nested = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A body of some kind, in which some part is anything at all."""
    platform = draw(st.sampled_from(sorted(BODIES)))
    body = [copy.deepcopy(draw(st.sampled_from([*BODIES[platform].values()])))]
    held: Any = body
    key: Any = 0
    for _ in range(draw(st.integers(0, 8))):
        inner = held[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        held, key = inner, draw(st.sampled_from([*inner] if isinstance(inner, dict) else range(len(inner))))
    held[key] = draw(nested)
    return FOLDERS.get(platform, platform), json.dumps(body[0]).encode()


@given(bodies())
@settings(max_examples=400, deadline=None, derandomize=True, database=None)
def test_whatever_a_body_holds_the_parsers_make_something_of_it(found: tuple[str, bytes]) -> None:
    channel, raw = found
    try:
        told = OURS[channel].read(raw)
    except Refusal as refusal:
        assert refusal.status < 500
        return
    kind, answer = OURS[channel].answer(told)
    assert kind and answer
    for one in told:
        json.dumps(shown(one)).encode()
