"""The figures agree with scikit-learn's, and the changes between two measurements are told."""

from __future__ import annotations

import random

import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from designer import figures
from designer.comparison import changes

LABELS = ("greet", "thanks", "order_status", "out_of_scope")


@pytest.mark.parametrize("seed", range(20))
def test_the_figures_are_those_of_scikit_learn(seed: int) -> None:
    chance = random.Random(seed)
    truth = [chance.choice(LABELS[:3]) for _ in range(40)]
    heard = [one if chance.random() < 0.6 else chance.choice(LABELS) for one in truth]
    told = figures.of_labels(list(zip(truth, heard, strict=True)))
    given = sorted(set(truth))
    assert told["accuracy"] == pytest.approx(accuracy_score(truth, heard))
    assert told["macro_f1"] == pytest.approx(f1_score(truth, heard, labels=given, average="macro"))
    assert told["weighted_f1"] == pytest.approx(f1_score(truth, heard, labels=given, average="weighted"))
    expected = precision_recall_fscore_support(truth, heard, labels=given, zero_division=0)
    for place, label in enumerate(given):
        assert list(told["labels"][label].values()) == pytest.approx([float(row[place]) for row in expected])


def test_a_share_of_nothing_is_none_and_a_thing_never_found_has_no_precision() -> None:
    assert figures.share([]) is None
    assert figures.found([(True, False)]) == figures.Found(0.0, 0.0, 0.0, 1)


def figured(accuracy: float, errors: list[str], sentences: str = "s") -> dict[str, object]:
    group = {"accuracy": accuracy, "macro_f1": 0.5, "caught": None, "asked_back": 0.1, "labels": {}}
    wrong = [{"text": text} for text in errors]
    return {
        **{"intents": group, "languages": {"es": group}, "sentiment": None, "human": None},
        **{"errors": wrong, "sentences": sentences},
    }


def test_what_moved_is_told_and_what_did_not_is_not() -> None:
    told = changes(figured(0.8, ["a", "b"]), figured(0.9, ["b", "c"]))
    assert [line.split() for line in told] == [
        ["accuracy", "0.800", "→", "0.900", "(+0.100)"],
        ["es", "accuracy", "0.800", "→", "0.900", "(+0.100)"],
        ["right", "now:", "a"],
        ["wrong", "now:", "c"],
    ]
    assert changes(figured(0.8, []), figured(0.8, [])) == ["No figure moved."]


def test_other_sentences_are_told_before_their_figures() -> None:
    assert "sentences changed" in changes(figured(0.8, []), figured(0.9, [], sentences="t"))[0]
