"""How the customer feels, on every message: `sentiment: {label, score}`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Sequence

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components import sentiment_text
from components.learner import ENCODER, HERE, Learner, vector_of
from components.sentiment_model import SentimentModel, feeling

PLAIN = (
    *(
        "account_access",
        "affirm",
        "ask_settled",
        "billing_invoice",
        "bot_challenge",
        "cancel_order",
        "change_address",
        "deny",
    ),
    *("delivery_time", "no_data", "order_status", "payment_issue", "payment_methods", "product_info", "refund"),
    *("return_exchange", "store_info"),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Sentiment(Learner):
    """Sets `sentiment` on every message that was written: `{"label": "negative", "score": -0.87}`.

    `components.sentiment_model.feeling` says how the two come about; they never disagree.
    Both thresholds were chosen by 5-fold cross-validation that kept like sentences in one fold, over data/sentiment and
    the sentences of `plain_intents` (data/nlu). For `negative_at`: 0.28 finds 0.87 of the negative at precision 0.83,
    0.32 finds 0.85 at 0.86, 0.40 finds 0.82 at 0.87; of the plain sentences 0.09, 0.08 and 0.07 are called negative.
    Plain sentences count as neutral in training: to want something is no feeling, however annoying the cause.
    Empty text is neutral, 0. A button's payload (`/intent`) has no `sentiment`: nobody wrote it.
    """

    model = SentimentModel

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        return {"text": "data/sentiment", "negative_at": 0.32, "positive_at": 0.4, "plain_intents": list(PLAIN)}

    @classmethod
    def files(cls, config: Dict[str, Any]) -> Iterable[Path]:
        return [*_folder(config).glob("*.yml"), *HERE.glob("sentiment*.py"), HERE / "spelling.py"]

    def train(self, training_data: TrainingData) -> Resource:
        texts, labels = zip(*sentiment_text.read(_folder(self._config)))
        examples = training_data.training_examples
        encoded = any(vector_of(example) is not None for example in examples)
        wishes = [one for one in examples if one.get(INTENT) in self._config["plain_intents"] and one.get(TEXT)]
        plain = [(one.get(TEXT), vector) for one in wishes if (vector := vector_of(one)) is not None]
        return self._keep(SentimentModel.learned_from(texts, labels, _vectors(texts) if encoded else None, plain))

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = (message.get(TEXT) or "").strip()
            if not text.startswith(INTENT_MESSAGE_PREFIX):
                message.set("sentiment", self._felt(text, vector_of(message)), add_to_output=True)
        return messages

    def _felt(self, text: str, vector: Optional[Any]) -> Dict[str, Any]:
        if not text or self._learned is None:
            return {"label": "neutral", "score": 0.0}
        likely = self._learned.probabilities(text, vector)
        label, score = feeling(likely, self._config["negative_at"], self._config["positive_at"])
        return {"label": label, "score": round(score, 4)}


def _vectors(texts: Sequence[str]) -> Any:
    from components.sentence_encoder import SentenceEncoder  # only a pipeline that has it needs its package

    return SentenceEncoder(SentenceEncoder.get_default_config(), ENCODER).vectors(texts)


def _folder(config: Dict[str, Any]) -> Path:
    return HERE.parent / (config.get("text") or Sentiment.get_default_config()["text"])
