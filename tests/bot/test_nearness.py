"""The classifier of intents, on directions beside a few words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.nearness import Nearness

rng = np.random.default_rng(11)
# Two ways to say the one thing with another thing in between, which no plane through the middle can tell apart.
PLACES = {"return": [(1, 0, 0, 0), (0, 1, 0, 0)], "cancel": [(1, 1, 0, 0)]}
SILENT = "…"


def around(place: tuple[int, ...], count: int) -> np.ndarray:
    return np.asarray(place) / np.linalg.norm(place) + rng.normal(scale=0.08, size=(count, len(place)))


@pytest.fixture(scope="module")
def model() -> Nearness:
    said = [(row, name) for name, places in PLACES.items() for place in places for row in around(place, 30)]
    return Nearness.learned_from([SILENT] * len(said), [name for _, name in said], [row for row, _ in said])


@pytest.fixture(scope="module")
def speller() -> Nearness:
    texts = ["quiero cancelar", "cancelen la compra", "cancel it please", "me reembolsan", "reembolso ya", "refund me"]
    return Nearness.learned_from(texts, ["cancel"] * 3 + ["refund"] * 3)


@pytest.mark.parametrize(("name", "place"), [(name, place) for name, places in PLACES.items() for place in places])
def test_an_intent_may_be_said_in_ways_that_lie_far_apart(model: Nearness, name: str, place: tuple[int, ...]) -> None:
    for row in around(place, 20):
        (likely,) = model.probabilities([SILENT], [row])
        assert likely[model.intents.index(name)] > 0.5
        assert likely.sum() == pytest.approx(1.0, abs=1e-5)


def test_what_lies_far_from_all_sentences_is_unsure(model: Nearness) -> None:
    strange, known = (model.probabilities(["?"], [row]).max() for row in [(-1, -1, 0, 0), (1, 0, 0, 0)])
    assert strange < 0.7 < 0.9 < known


def test_the_length_of_a_vector_says_nothing(model: Nearness) -> None:
    (row,) = around((1, 1, 0, 0), 1)
    once, tenfold = model.probabilities([SILENT] * 2, [row, row * 10])
    assert tenfold == pytest.approx(once, abs=1e-5)


def test_an_intent_with_many_sentences_is_not_likelier() -> None:
    said = [*around((1, 0, 0, 0), 300), *around((0, 1, 0, 0), 10)]
    model = Nearness.learned_from([SILENT] * 310, ["much"] * 300 + ["little"] * 10, said)
    assert model.probabilities([SILENT], [(1, 1, 0, 0)])[0][model.intents.index("much")] < 0.7


@pytest.mark.parametrize(("text", "name"), [("kiero cancelarr", "cancel"), ("REEMBOLSEN", "refund")])
def test_without_vectors_a_misspelt_word_still_tells(speller: Nearness, text: str, name: str) -> None:
    assert speller.intents[int(speller.probabilities([text])[0].argmax())] == name


def test_what_was_saved_says_the_same(model: Nearness, tmp_path: Path) -> None:
    model.save(tmp_path)
    (row,) = around((0, 1, 0, 0), 1)
    kept = Nearness.load(tmp_path)
    assert kept.intents == model.intents
    assert kept.probabilities([SILENT], [row])[0] == pytest.approx(model.probabilities([SILENT], [row])[0])
