"""How Rasa is started."""

from __future__ import annotations

import pytest
from rasa.__main__ import create_argument_parser

from scripts.rasa_server import arguments


@pytest.mark.parametrize("token", ["abc", "-abc", "--enable-api", "_a=b"])
def test_a_drawn_token_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("RASA_TOKEN", token)
    monkeypatch.setenv("RASA_PORT", "5005")
    assert create_argument_parser().parse_args(arguments()[1:]).auth_token == token
