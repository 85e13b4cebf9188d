"""The classifier of intents, on directions instead of sentences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from components.nearness import Nearness

rng = np.random.default_rng(11)
# Two ways to say the one thing with another thing in between, which no plane through the middle can tell apart.
PLACES = {"return": [(1, 0, 0, 0), (0, 1, 0, 0)], "cancel": [(1, 1, 0, 0)]}


def around(place: tuple[int, ...], count: int) -> np.ndarray:
    return np.asarray(place) / np.linalg.norm(place) + rng.normal(scale=0.08, size=(count, len(place)))


@pytest.fixture(scope="module")
def model() -> Nearness:
    said = [(row, name) for name, places in PLACES.items() for place in places for row in around(place, 30)]
    return Nearness.learned_from([row for row, _ in said], [name for _, name in said])


@pytest.mark.parametrize(("name", "place"), [(name, place) for name, places in PLACES.items() for place in places])
def test_an_intent_may_be_said_in_ways_that_lie_far_apart(model: Nearness, name: str, place: tuple[int, ...]) -> None:
    likely = model.probabilities(around(place, 20))
    assert likely[:, model.intents.index(name)].min() > 0.5
    assert likely.sum(axis=1) == pytest.approx(1.0, abs=1e-5)


def test_what_lies_far_from_all_sentences_is_unsure(model: Nearness) -> None:
    strange, known = model.probabilities([(-1, -1, 0, 0), (1, 0, 0, 0)])
    assert strange.max() < 0.6 < 0.9 < known.max()


def test_the_length_of_a_vector_says_nothing(model: Nearness) -> None:
    rows = around((1, 1, 0, 0), 5)
    assert model.probabilities(rows * 10) == pytest.approx(model.probabilities(rows), abs=1e-5)


def test_an_intent_with_many_sentences_is_not_likelier() -> None:
    said = [*around((1, 0, 0, 0), 300), *around((0, 1, 0, 0), 10)]
    model = Nearness.learned_from(said, ["much"] * 300 + ["little"] * 10)
    (middle,) = model.probabilities([(1, 1, 0, 0)])
    assert middle[model.intents.index("much")] < 0.7


def test_what_was_saved_says_the_same(model: Nearness, tmp_path: Path) -> None:
    model.save(tmp_path)
    rows = around((0, 1, 0, 0), 5)
    assert Nearness.load(tmp_path).intents == model.intents
    assert Nearness.load(tmp_path).probabilities(rows) == pytest.approx(model.probabilities(rows))
