"""A message's clauses, and what two of them make of the ranking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.clauses import CLAUSES, Array, clauses, of_clauses
from components.nearness_classifier import NearnessClassifier

SAID = {
    "order_status": ["where is my parcel", "has my parcel left", "my parcel is late", "track my parcel"],
    "billing_invoice": ["send me the invoice", "I need an invoice", "the invoice is wrong", "invoice with tax id"],
    "thanks": ["thank you so much", "many thanks indeed", "thanks a lot friends", "so grateful to you"],
}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("where is my order and send me the invoice", ["where is my order", "send me the invoice"]),
        ("¿Dónde está mi pedido? Y la factura, ¿me la mandan?", ["Dónde está mi pedido", "me la mandan"]),
        ("hola, ¿dónde está mi pedido?", []),
        ("my payment was rejected, order PE-5121 carlos@example.com", []),
        ("cost 1,500 or 2.000 for my order", []),
        ("", []),
    ],
)
def test_a_message_falls_into_clauses_that_say_something(text: str, parts: list[str]) -> None:
    assert clauses(text) == parts


def test_of_the_longest_message_the_last_clauses_are_heard() -> None:
    parts = clauses("this is one clause. " * 1_000 + "this is its end.")
    assert len(parts) <= 5
    assert parts[-1] == "this is its end"


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> NearnessClassifier:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("nearness"))
    made = NearnessClassifier.create({}, storage, Resource("nearness"), ExecutionContext(GraphSchema({}), "test"))
    examples = [Message({TEXT: text, INTENT: intent}) for intent, texts in SAID.items() for text in texts]
    made.train(TrainingData(examples))
    return made


def ranking(classifier: NearnessClassifier, text: str) -> dict[str, float]:
    """As the encoder would leave the message, but for its vectors."""
    message = Message({TEXT: text, CLAUSES: [(part, None) for part in clauses(text)]})
    ranked: list[dict[str, Any]] = classifier.process([message])[0].get("intent_ranking")
    return {one["name"]: one["confidence"] for one in ranked}


def test_two_wishes_have_the_same_share(classifier: NearnessClassifier) -> None:
    ranked = ranking(classifier, "where is my parcel, and send me the invoice with tax id")
    assert min(ranked["order_status"], ranked["billing_invoice"]) >= 0.4
    assert sum(ranked.values()) == pytest.approx(1)


def test_whoever_wants_one_thing_is_heard_as_a_whole(classifier: NearnessClassifier) -> None:
    text = "where is my parcel now, thank you so much"
    alone = classifier.process([Message({TEXT: text})])[0].get("intent_ranking")
    assert ranking(classifier, text) == {one["name"]: one["confidence"] for one in alone}


def shares(*numbers: float) -> Array:
    return np.array(numbers, dtype=np.float32)


IS_WISH = [True, True, False]


@pytest.mark.parametrize(
    ("whole", "parts", "told"),
    [
        ((0.9, 0.1, 0.0), [(1, 0, 0), (0, 1, 0)], (0.5, 0.5, 0.0)),
        ((0.9, 0.1, 0.0), [(1, 0, 0), (0.2, 0.8, 0)], (0.9, 0.1, 0.0)),  # the second is not sure
        ((0.9, 0.1, 0.0), [(1, 0, 0), (0, 0, 1)], (0.9, 0.1, 0.0)),  # nor a wish
        ((0.1, 0.0, 0.9), [(1, 0, 0), (0, 1, 0)], (0.1, 0.0, 0.9)),  # the whole surely is none
        ((0.4, 0.3, 0.3), [(0.4, 0.3, 0.3), (0, 1, 0)], (0.0, 1.0, 0.0)),  # the need at the end of a story
        ((0.4, 0.3, 0.3), [], (0.4, 0.3, 0.3)),
    ],
)
def test_clauses_tell_what_the_whole_does_not(
    whole: tuple[float, ...], parts: list[tuple[float, ...]], told: tuple[float, ...]
) -> None:
    assert of_clauses(shares(*whole), [shares(*part) for part in parts], IS_WISH) == pytest.approx(told)
