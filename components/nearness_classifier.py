"""Nearness as a part of Rasa's pipeline: sets `intent` and `intent_ranking`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.clauses import CLAUSES, of_clauses
from components.learner import HERE, Learner, vector_of
from components.nearness import Nearness

RANKED = 10  # as many as Rasa's own classifiers name
# What a clause of its own may want. A person or a complaint is heard in the whole message, and talk wants nothing.
WISHES = (
    *("account_access", "billing_invoice", "cancel_order", "change_address", "delivery_time", "order_status"),
    *("payment_issue", "payment_methods", "product_info", "refund", "return_exchange", "store_info"),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearnessClassifier(Learner, IntentClassifier):
    """Takes the text and, where the pipeline has one, its dense vector. An empty text has no intent.

    Whoever wants two things says so in two clauses: then each wish that one of them surely has gets the same share of
    the ranking. And where a long story as a whole tells nothing, the one clause that surely wants something does.
    """

    model = Nearness

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"wishes": list(WISHES)}

    @classmethod
    def files(cls, config: Dict[str, Any]) -> Iterable[Path]:
        return [HERE / name for name in ("nearness.py", "spelling.py")]

    def train(self, training_data: TrainingData) -> Resource:
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        vectors = [vector for vector in map(vector_of, examples) if vector is not None]
        learned = Nearness.learned_from(
            [one.get(TEXT) for one in examples],
            [one.get(INTENT) for one in examples],
            np.stack(vectors) if len(vectors) == len(examples) else None,
        )
        return self._keep(learned)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._ranking(message)
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> List[Dict[str, Any]]:
        model: Optional[Nearness] = self._learned
        if not message.get(TEXT) or model is None:
            return []
        said = [(message.get(TEXT), vector_of(message)), *(message.get(CLAUSES) or ())]
        texts, vectors = zip(*said)
        whole, *parts = model.probabilities(texts, None if vectors[0] is None else np.stack(vectors))
        likely = of_clauses(whole, parts, [name in self._config["wishes"] for name in model.intents])
        best = np.argsort(-likely)[:RANKED]
        return [{"name": model.intents[one], "confidence": float(likely[one])} for one in best]
