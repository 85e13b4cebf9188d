"""What is read out of a message, and out of those before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.phrases import BadPhrase, clauses, pattern
from actions.repetition import alike
from actions.signals import Signals, Turn

PERSON = {"person": ["(una|otra) persona", "agente*"]}


def found(phrase: str, text: str) -> bool:
    return any(pattern([phrase], PERSON).search(clause) for clause in clauses(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("pásame con <person>", "PASAME CON UNA PERSONA!!"),
        ("pasame con <person>", "oye, pásame, por favor, con otra persona"),
        ("pasa* ... <person>", "pasarme ya mismo con los agentes"),
        ("quiero (a)? <person>", "Quieroooo una persona"),
        ("dont want", "I don\u2019t want it"),
        ("quiero ... persona", "quiero que me hable una persona"),
    ],
)
def test_a_phrase_is_found_however_it_is_written(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("no quiero una persona", "no, quiero una persona"),
        ("quiero ... persona", "quiero mi pedido. Una persona me dijo"),
        ("quiero ... persona", "quiero saber si ustedes por fin ya tienen persona"),
        ("sue", "asuemos"),
        ("con una", "con unas"),
    ],
)
def test_a_phrase_stays_within_a_clause_and_within_words(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("(una persona", "brackets"),
        ("pasame con <nadie>", "<nadie> is not listed"),
        ("a+ b", "'+' means nothing"),
        ("(una)?", "in every text"),
        ("...", "in every text"),
        ("a ... b ... c ... d ... e", "more than 3 gaps"),
    ],
)
def test_a_phrase_that_cannot_be_read_says_why(phrase: str, told: str) -> None:
    with pytest.raises(BadPhrase, match=told.replace("+", r"\+").replace("(", r"\(")):
        pattern([phrase], PERSON)


@given(st.text(max_size=300))
def test_every_text_has_clauses_of_plain_words(text: str) -> None:
    for clause in clauses(text):
        assert clause.endswith(" ") and "  " not in clause and clause.strip()


def test_a_long_text_is_searched_quickly_enough_to_answer() -> None:
    wide = pattern(["(a|b|a b)? ... (a|b) ... (a|b|c) ... z"], {})
    assert not any(wide.search(clause) for clause in clauses("a b " * 2_000))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("¿dónde está mi pedido?", "donde esta mi pedido por favor"),
        ("quiero saber cuándo llega mi pedido", "¿cuándo va a llegar mi pedido? quiero saber"),
        ("where is my refund", "so where is the refund??"),
    ],
)
def test_the_same_in_other_words_is_the_same(one: str, other: str) -> None:
    assert alike(one, other) and alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sí", "sí"),
        ("hola", "hola"),
        ("RX-4821", "rx-4821"),
        ("es ana@example.com", "es ana@example.com"),
        ("¿dónde está mi pedido RX-4821?", "¿dónde está mi pedido RX-4822?"),
        ("quiero cambiar la dirección", "quiero cancelar la compra"),
        ("", ""),
    ],
)
def test_short_words_other_numbers_and_other_needs_are_not_the_same(one: str, other: str) -> None:
    assert not alike(one, other)


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_has_no_direction(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one)


def scored(*scores: float) -> Signals:
    *before, last = [Turn("x", sentiment="negative" if one < 0 else "neutral", score=one) for one in scores]
    return Signals(last, tuple(before))


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=6))
def test_a_fall_is_a_rise_turned_round_and_within_the_scale(scores: list[float]) -> None:
    falls, rises = scored(*scores).fall(3), scored(*[-score for score in scores]).fall(3)
    assert falls == pytest.approx(-rises) and -2 <= falls <= 2


def test_a_fall_is_measured_over_typed_messages_only_and_needs_them_all() -> None:
    assert scored(0.5, 0.0, -0.5).fall(3) == pytest.approx(1.0)
    assert scored(0.5, -0.5).fall(3) == 0.0
    pressed = Turn("", typed=False)
    three = scored(0.5, 0.0, -0.5)
    assert Signals(three.turn, (*three.before, pressed)).fall(3) == pytest.approx(1.0)


def test_negatives_failures_and_repetitions_are_counted_over_the_turns_before() -> None:
    assert scored(-0.5, 0.2, -0.4).negatives(3) == 2
    failed = Signals(Turn("a"), (Turn("b", failed=True), Turn("c")))
    assert failed.failed_within(2) and not failed.failed_within(1)
    same = Turn("¿dónde está mi pedido?")
    assert Signals(same, (same, Turn("no lo tengo"), same)).repeats == 3


def test_a_yes_is_about_a_person_only_while_that_question_stands_open() -> None:
    seen = [Signals.after([Turn("sí")], 0, {"offer": offer}, True).asked for offer in ("ask", "button", None)]
    assert seen == [True, False, False]


def test_a_pressed_button_has_neither_text_nor_feeling() -> None:
    entities = [{"entity": "offer", "value": "declined"}]
    pressed = Turn.heard(
        '/deny{"offer": "declined"}', {"intent": {"name": "deny", "confidence": 1.0}, "entities": entities}
    )
    assert (pressed.typed, pressed.text, pressed.sentiment, pressed.pressed) == (False, "", None, {"offer": "declined"})


def test_the_best_intent_may_stand_behind_the_fallback() -> None:
    ranking = [{"name": "nlu_fallback", "confidence": 0.6}, {"name": "refund", "confidence": 0.45}]
    turn = Turn.heard("x", {"intent": ranking[0], "intent_ranking": ranking})
    assert turn.confidence == 0.45 and turn.ranking["refund"] == 0.45
