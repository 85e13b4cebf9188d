"""Nobody without the token gets anything out of Rasa, also when the setting was forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import TOKEN, Assistant, free_port, start_rasa, turn

WRONG: list[dict[str, str]] = [
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer wrong"},
    {"Authorization": TOKEN},
    {"Authorization": f"bearer {TOKEN}x"},
    {"Authorization": "Bearer None"},
]
QUERIES: list[Any] = [{}, {"token": ""}, {"token": "wrong"}, [("token", "wrong"), ("token", TOKEN)]]


@pytest.fixture
def assistant_without_token(model: Path, environment: dict[str, str]) -> Iterator[Assistant]:
    rasa, url = start_rasa(model, environment | {"RASA_TOKEN": ""}, free_port())
    yield Assistant(url)
    rasa.terminate()
    rasa.wait(20)


def answers(assistant: Assistant) -> tuple[list[int], list[int]]:
    """What the webhook and `/model/parse` answer to wrong tokens."""
    parse = assistant.url.replace("/webhooks/hub/webhook", "/model/parse")
    body = turn("c1.1", "hola")
    turns = [requests.post(assistant.url, json=body, headers=one, timeout=15) for one in WRONG]
    parsed = [requests.post(parse, params=one, json={"text": "hola"}, timeout=15) for one in QUERIES]
    return [one.status_code for one in turns], [one.status_code for one in parsed]


def test_wrong_and_missing_tokens_are_refused(assistant: Assistant) -> None:
    assert answers(assistant) == ([401] * len(WRONG), [401] * len(QUERIES))


def test_an_empty_setting_refuses_everybody(assistant_without_token: Assistant) -> None:
    assert answers(assistant_without_token) == ([401] * len(WRONG), [401] * len(QUERIES))
