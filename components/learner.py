"""What the components that learn have in common: a model kept as a folder, and the vector of a message."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Dict, Iterable, List, Optional

import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

HERE = Path(__file__).parent
ENCODER = "SentenceEncoder"  # its vectors are told by their origin: a pipeline may have other dense features


class Learner(GraphComponent):
    """Sub-classes name the class of their model, which can `save` itself into a folder and `load`, and its files."""

    model: ClassVar[Any]

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn"]

    @classmethod
    @abstractmethod
    def files(cls, config: Dict[str, Any]) -> Iterable[Path]:
        """Those that Rasa does not know; it trains again when one of them changes."""

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in sorted(cls.files(config)))).hexdigest()

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource, learned: Optional[Any] = None
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource, self._learned = model_storage, resource, learned

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Learner:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Learner:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, cls.model.load(folder))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that is trained after it needs it."""
        return training_data

    def _keep(self, learned: Any) -> Resource:
        self._learned = learned
        with self._model_storage.write_to(self._resource) as folder:
            learned.save(folder)
        return self._resource


def vector_of(message: Message) -> Optional[npt.NDArray[np.float32]]:
    """What the sentence encoder found, if it stands before us in the pipeline."""
    for features in message.features:
        if ENCODER in features.origin and features.attribute == TEXT and features.type == FEATURE_TYPE_SENTENCE:
            vector: npt.NDArray[np.float32] = features.features[0]
            return vector
    return None
