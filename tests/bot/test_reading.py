"""What is a yes and what a no, to a question whose yes cannot always be undone."""

from __future__ import annotations

import pytest

from actions.reading import Message, yes_or_no


def heard(text: str, intent: str | None = None, confidence: float = 0.0) -> bool | None:
    return yes_or_no(Message(text, intent, confidence))


@pytest.mark.parametrize("text", ["sí", "dale pues", "yes please", "👍", "Sure thing"])
def test_a_word_that_means_yes_is_one_whatever_was_understood(text: str) -> None:
    assert heard(text, "greet", 0.9) is True


@pytest.mark.parametrize("text", ["arre", "de una, mi pana", "ya man", "go on then"])
def test_a_short_message_that_surely_agrees_is_a_yes(text: str) -> None:
    assert heard(text, "affirm", 0.9) is True
    assert heard(text, "affirm", 0.6) is None


@pytest.mark.parametrize(
    "text",
    [
        "mmm",
        "tal vez",
        "puede ser",
        "creo que ya",
        "I guess",
        "maybe",
        "¿y cuánto me devuelven?",
    ],
)
def test_what_is_less_than_a_plain_yes_is_none(text: str) -> None:
    assert heard(text, "affirm", 0.95) is None


@pytest.mark.parametrize("text", ["nel", "nop", "nah leave it", "no, dale más tarde", "nuh bother"])
def test_a_word_that_means_no_is_one_whatever_was_understood(text: str) -> None:
    assert heard(text, "affirm", 0.95) is False


def test_a_sure_no_is_one_though_it_has_a_but() -> None:
    assert heard("gracias, pero así está bien", "deny", 0.9) is False
    assert heard("sí, pero espera", "affirm", 0.9) is None
