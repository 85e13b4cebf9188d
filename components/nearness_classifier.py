"""Nearness as a part of Rasa's pipeline: sets `intent` and `intent_ranking`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.nearness import Array, Nearness

RANKED = 10  # as many as Rasa's own classifiers name


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearnessClassifier(GraphComponent, IntentClassifier):
    """Takes the text and, where the pipeline has one, its dense vector. An empty text has no intent."""

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn"]

    def __init__(self, model_storage: ModelStorage, resource: Resource, model: Optional[Nearness] = None) -> None:
        self._model_storage, self._resource, self._model = model_storage, resource, model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearnessClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> NearnessClassifier:
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Nearness.load(folder))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Rasa trains again when this changes: it does not know the files beside this one."""
        files = [Path(__file__).with_name(name) for name in ("nearness.py", "spelling.py")]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        examples = [one for one in training_data.intent_examples if one.get(TEXT)]
        vectors = [vector for vector in map(_vector, examples) if vector is not None]
        self._model = Nearness.learned_from(
            [one.get(TEXT) for one in examples],
            [one.get(INTENT) for one in examples],
            np.stack(vectors) if len(vectors) == len(examples) else None,
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that is trained after it needs it."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            ranking = self._ranking(message.get(TEXT), _vector(message))
            message.set(INTENT, ranking[0] if ranking else {"name": None, "confidence": 0.0}, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, text: Optional[str], vector: Optional[Array]) -> List[Dict[str, Any]]:
        if not text or self._model is None:
            return []
        likely = self._model.probabilities(text, vector)
        best = np.argsort(-likely)[:RANKED]
        return [{"name": self._model.intents[one], "confidence": float(likely[one])} for one in best]


def _vector(message: Message) -> Optional[Array]:
    _, whole = message.get_dense_features(TEXT)
    return None if whole is None else whole.features[0]
