"""Sentiment: measured on sentences that were written before the first result, and what must hold for any message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Assistant
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML

from components import sentiment_text
from components.sentence_encoder import SentenceEncoder
from components.sentiment import Sentiment
from components.sentiment_model import LABELS, feeling

BLIND: dict[str, dict[str, str]] = YAML(typ="safe").load(Path(__file__).with_name("sentiment_blind.yml"))
RESOURCE = Resource("sentiment")
CONTEXT = ExecutionContext(GraphSchema({}), "test")


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(SentenceEncoder.get_default_config(), "SentenceEncoder")


def heard(text: str, encoder: SentenceEncoder | None = None) -> Message:
    message = Message({TEXT: text})
    return encoder.process([message])[0] if encoder else message


@pytest.fixture(scope="module")
def examples(encoder: SentenceEncoder) -> TrainingData:
    """Our training text with its vectors, which take seconds."""
    return encoder.process_training_data(load_data(str(ROOT / "data" / "nlu")))


def trained(place: Path, examples: TrainingData) -> LocalModelStorage:
    storage = LocalModelStorage.create(place)
    Sentiment.create({}, storage, RESOURCE, CONTEXT).train(examples)
    return storage


def loaded(storage: LocalModelStorage, config: dict[str, Any] | None = None) -> Sentiment:
    return Sentiment.load(config or {}, storage, RESOURCE, CONTEXT)


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory, examples: TrainingData) -> LocalModelStorage:
    return trained(tmp_path_factory.mktemp("sentiment"), examples)


@pytest.fixture(scope="module")
def sentiment(storage: LocalModelStorage) -> Sentiment:
    return loaded(storage)


def felt(sentiment: Sentiment, text: str, encoder: SentenceEncoder | None = None) -> dict[str, Any]:
    found: dict[str, Any] = sentiment.process([heard(text, encoder)])[0].get("sentiment")
    return found


def blind(language: str) -> Iterator[tuple[str, str]]:
    for label, lines in BLIND[language].items():
        yield from ((label, line.removeprefix("- ")) for line in lines.splitlines())


def test_no_measured_sentence_is_in_the_training_text() -> None:
    learned = {text.lower() for text, _ in sentiment_text.read(ROOT / "data" / "sentiment")}
    faces = {"👎", "👏👏👏", "🤬🤬🤬", "📷", "ok"}  # too short to be anybody's own
    assert not {text.lower() for language in BLIND for _, text in blind(language)} & learned - faces


@pytest.mark.parametrize("language", ["es", "en"])
def test_negative_messages_are_found_and_hardly_any_other_is_called_negative(
    sentiment: Sentiment, encoder: SentenceEncoder, language: str
) -> None:
    pairs = [(label, felt(sentiment, text, encoder)["label"]) for label, text in blind(language)]
    found = sum(pair == ("negative", "negative") for pair in pairs)
    assert found / sum(label == "negative" for label, _ in pairs) >= 0.85
    assert found / sum(said == "negative" for _, said in pairs) >= 0.75
    assert sum(label == said for label, said in pairs) / len(pairs) >= 0.8


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("¿cómo devuelvo un producto dañado?", "neutral"),
        ("how do I return a damaged product?", "neutral"),
        ("no está mal", "positive"),
        ("I'm not happy", "negative"),
        ("😡", "negative"),
        ("😍😍", "positive"),
        ("🚚", "neutral"),
        ("no, gracias, mejor así", "neutral"),
        ("I'd rather not, thank you", "neutral"),
        ("wqjkd sdlkf", "neutral"),
    ],
)
def test_problem_words_are_no_feeling_negation_turns_it_and_faces_have_it(
    sentiment: Sentiment, encoder: SentenceEncoder, text: str, label: str
) -> None:
    assert felt(sentiment, text, encoder)["label"] == label


@pytest.mark.parametrize("text", ["", "   ", "\n", "🚚📦", "a" * 10_000, "?!?!", "١٢٣", "@tienda https://example.com"])
def test_every_text_has_a_label_and_a_score(sentiment: Sentiment, encoder: SentenceEncoder, text: str) -> None:
    found = felt(sentiment, text, encoder)
    assert found["label"] in ("negative", "neutral", "positive")
    assert -1 <= found["score"] <= 1


shares = st.lists(st.floats(0.001, 1), min_size=3, max_size=3).map(lambda odds: [odd / sum(odds) for odd in odds])


@given(shares, st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_label_is_a_cut_of_the_score(odds: list[float], negative_at: float, positive_at: float) -> None:
    label, score = feeling(dict(zip(LABELS, odds, strict=True)), negative_at, positive_at)
    assert -1 <= score <= 1
    cut = "negative" if score <= -negative_at else "positive" if score >= positive_at else "neutral"
    assert label == cut


def test_an_empty_message_is_neutral(sentiment: Sentiment) -> None:
    assert felt(sentiment, "") == {"label": "neutral", "score": 0.0}
    assert sentiment.process([Message({})])[0].get("sentiment") == {"label": "neutral", "score": 0.0}


def test_a_button_has_no_sentiment(sentiment: Sentiment, encoder: SentenceEncoder) -> None:
    assert felt(sentiment, "/affirm", encoder) is None


def test_without_a_vector_the_text_alone_is_judged(sentiment: Sentiment) -> None:
    assert felt(sentiment, "pésimo servicio, son unos ladrones")["label"] == "negative"
    assert felt(sentiment, "excellent service, thank you")["label"] == "positive"


def test_a_pipeline_without_the_encoder_learns_from_the_text_alone(tmp_path: Path, encoder: SentenceEncoder) -> None:
    alone = loaded(trained(tmp_path, load_data(str(ROOT / "data" / "nlu"))))
    assert felt(alone, "excelente, muchas gracias")["label"] == "positive"
    assert felt(alone, "excelente, muchas gracias", encoder) == felt(alone, "excelente, muchas gracias")


def test_training_twice_and_loading_twice_says_the_same(
    sentiment: Sentiment,
    storage: LocalModelStorage,
    encoder: SentenceEncoder,
    examples: TrainingData,
    tmp_path: Path,
) -> None:
    again, reread = loaded(trained(tmp_path, examples)), loaded(storage)
    for _, text in blind("es"):
        assert felt(again, text, encoder) == felt(sentiment, text, encoder) == felt(reread, text, encoder)
        assert felt(again, text) == felt(sentiment, text)


def test_a_message_says_the_same_alone_and_among_others(sentiment: Sentiment, encoder: SentenceEncoder) -> None:
    texts = [text for _, text in blind("en")]
    together = sentiment.process([heard(text, encoder) for text in texts])
    assert [message.get("sentiment") for message in together] == [felt(sentiment, text, encoder) for text in texts]


def test_the_thresholds_are_settings(storage: LocalModelStorage, encoder: SentenceEncoder) -> None:
    careful = loaded(storage, {"negative_at": 1.1, "positive_at": 1.1})
    assert felt(careful, "son unos ladrones", encoder)["label"] == "neutral"


def test_new_text_or_code_makes_rasa_train_again(tmp_path: Path) -> None:
    config = {"text": str(tmp_path)}
    before = Sentiment.fingerprint_addon(config)
    (tmp_path / "es.yml").write_text("negative:\n  angry: |\n    - mal\n", encoding="utf-8")
    assert Sentiment.fingerprint_addon(config) != before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("happy:\n  some: |\n    - bien\n", "'happy' must be one of"),
        ("negative:\n  angry:\n    - mal\n", "negative/angry must be '|'"),
        ("negative:\n  angry: |\n    mal\n", "not 'mal'"),
        ("negative: [", "is not YAML"),
        ("negative:\n  angry: |\n    - mal\n", "no sentence that is neutral, positive"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place_and_the_remedy(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "es.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfigException, match=re.escape(told)):
        sentiment_text.read(tmp_path)


def test_the_turn_report_tells_the_sentiment(assistant: Assistant, sender: str) -> None:
    angry = assistant.say(sender, "esto es una vergüenza, estoy furiosa con ustedes")["report"]["sentiment"]
    assert angry["label"] == "negative"
    assert angry["score"] < 0
    assert assistant.say(sender, "/greet")["report"]["sentiment"] is None
