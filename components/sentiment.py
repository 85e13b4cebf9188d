"""How the customer feels, on every message: `sentiment: {label, score}`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import sentiment_text
from components.sentiment_model import SentimentModel

ROOT = Path(__file__).parent.parent
ENCODER = "SentenceEncoder"  # its vectors are told by their origin: a pipeline may have other dense features

PLAIN = (
    *("account_access", "ask_settled", "billing_invoice", "bot_challenge", "cancel_order", "change_address", "deny"),
    *("delivery_time", "no_data", "order_status", "payment_issue", "payment_methods", "product_info", "refund"),
    *("return_exchange", "store_info"),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Sentiment(GraphComponent):
    """Sets `sentiment` on every message that was written: `{"label": "negative", "score": -0.87}`.

    `score` is P(positive) - P(negative), from -1 to 1. `label` is `negative` when P(negative) is at least
    `negative_at`, else `positive` when P(positive) is at least `positive_at`, else `neutral`. So the label is no cut of
    the score: sarcasm, which has much of both, lies near 0 and may still be `negative`.
    Both thresholds were chosen by 5-fold cross-validation that kept like sentences in one fold, over data/sentiment and
    the sentences of `plain_intents` (data/nlu). For `negative_at`: 0.28 finds 0.87 of the negative at precision 0.83,
    0.32 finds 0.85 at 0.86, 0.40 finds 0.82 at 0.87; of the plain sentences 0.09, 0.08 and 0.07 are called negative.
    Plain sentences count as neutral in training: to want something is no feeling, however annoying the cause.
    Empty text is neutral, 0. A button's payload (`/intent`) has no `sentiment`: nobody wrote it.
    """

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"text": "data/sentiment", "negative_at": 0.32, "positive_at": 0.4, "plain_intents": list(PLAIN)}

    @staticmethod
    def required_packages() -> List[str]:
        return ["sklearn"]

    def __init__(
        self,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[SentimentModel] = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource, self._model = model_storage, resource, model

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Sentiment:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Sentiment:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, SentimentModel.load(folder))

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Rasa trains again when this changes: it knows neither our text nor the files beside this one."""
        here = Path(__file__).parent
        files = [*_folder(config).glob("*.yml"), *here.glob("sentiment*.py"), here / "spelling.py"]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in sorted(files))).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        texts, labels = zip(*sentiment_text.read(_folder(self._config)))
        examples = training_data.training_examples
        encoded = any(vector_of(example) is not None for example in examples)
        wishes = [one for one in examples if one.get(INTENT) in self._config["plain_intents"] and one.get(TEXT)]
        plain = [(one.get(TEXT), vector) for one in wishes if (vector := vector_of(one)) is not None]
        self._model = SentimentModel.learned_from(texts, labels, _vectors(texts) if encoded else None, plain)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that is trained after it needs it."""
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = (message.get(TEXT) or "").strip()
            if not text.startswith(INTENT_MESSAGE_PREFIX):
                message.set("sentiment", self._felt(text, vector_of(message)), add_to_output=True)
        return messages

    def _felt(self, text: str, vector: Optional[Any]) -> Dict[str, Any]:
        if not text or self._model is None:
            return {"label": "neutral", "score": 0.0}
        likely = self._model.probabilities(text, vector)
        return {"label": self._label(likely), "score": round(likely["positive"] - likely["negative"], 4)}

    def _label(self, likely: Dict[str, float]) -> str:
        if likely["negative"] >= self._config["negative_at"]:
            return "negative"
        return "positive" if likely["positive"] >= self._config["positive_at"] else "neutral"


def vector_of(message: Message) -> Optional[Any]:
    """What the sentence encoder found, if it stands before us in the pipeline."""
    for features in message.features:
        if ENCODER in features.origin and features.attribute == TEXT and features.type == FEATURE_TYPE_SENTENCE:
            return features.features[0]
    return None


def _vectors(texts: Sequence[str]) -> Any:
    from components.sentence_encoder import SentenceEncoder  # only a pipeline that has it needs its package

    messages = [Message({TEXT: text}) for text in texts]
    SentenceEncoder(SentenceEncoder.get_default_config(), ENCODER).process(messages)
    return np.stack([features for message in messages if (features := vector_of(message)) is not None])


def _folder(config: Dict[str, Any]) -> Path:
    return ROOT / (config.get("text") or Sentiment.get_default_config()["text"])
