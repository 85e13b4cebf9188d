from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.escalation import Signals, decide
from actions.rules_file import BadRules, load_rules

RULES = load_rules()
REQUESTS = ("no quiero un robot, quiero hablar con una persona", "pásame con un agente", "let me talk to a human")
STATEMENTS = ("ya hablé con un agente", "no quiero hablar con una persona", "I don't want to talk to an agent")


@given(st.text(alphabet="0123456789 ", max_size=40), st.integers(0, 2), st.floats(0, 1))
def test_few_failures_and_no_words_never_call_for_a_person(text: str, failures: int, confidence: float) -> None:
    assert decide(Signals(text, "greet", confidence, failures), RULES).action == "none"


@given(st.text(max_size=40), st.integers(3, 90))
def test_three_failures_always_do_and_say_how_many(text: str, failures: int) -> None:
    decision = decide(Signals(text, "nlu_fallback", 0.5, failures), RULES)
    assert decision.action == "handoff" and decision.evidence and decision.evidence["rule_version"] == RULES.version


@pytest.mark.parametrize("text", REQUESTS)
def test_a_phrase_is_enough_when_the_classifier_is_not_sure(text: str) -> None:
    assert decide(Signals(text, "nlu_fallback", 0.4), RULES).reason == "customer_request"


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_denied_or_past_request_is_none(text: str) -> None:
    assert decide(Signals(text, "nlu_fallback", 0.4), RULES).action == "none"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nrules: [{}]", "version"),
        ('version: "1"\nrules: [{id: a, reason: boredom, action: handoff, any: [{intent: x}]}]', "boredom"),
        ('version: "1"\nrules: [{id: a, reason: high_value, action: handoff, any: [{phrase: "("}]}]', "not a pattern"),
        ('version: "1"\nrules: [{id: a, reason: high_value, action: handoff, any: [{mood: x}]}]', "mood"),
        ("version: [", "cannot be read"),
    ],
)
def test_a_wrong_rules_file_names_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "handoff_rules.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRules, match=r"handoff_rules\.yml") as wrong:
        load_rules(path)
    assert said in str(wrong.value)
