"""What data/nlu/entities.yml finds, with Rasa's own extractor."""

from __future__ import annotations

from itertools import pairwise

import pytest
from conftest import ROOT
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

TOPICS = sorted(path for path in (ROOT / "data" / "nlu").glob("*.yml") if path.stem != "entities")


def read(name: str) -> TrainingData:
    return RasaYAMLReader().read(ROOT / "data" / "nlu" / name)


@pytest.fixture(scope="module")
def extractor() -> RegexEntityExtractor:
    config = RegexEntityExtractor.get_default_config() | {"case_sensitive": False}
    return RegexEntityExtractor(config, None, None, read("entities.yml").regex_features)


def found(extractor: RegexEntityExtractor, text: str) -> list[tuple[str, str]]:
    message = Message.build(text)
    extractor.process([message])
    return sorted((one["entity"], one["value"]) for one in message.get("entities", []))


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("es el rx4822, perdón, RX 4823", [("order_number", "RX 4823"), ("order_number", "rx4822")]),
        ("lo compré en marzo de 2026", []),
        ("my order is 2026, in 2025", []),
        ("mi correo es ab1234@correo.example.", [("email", "ab1234@correo.example")]),
        ("llámame al +57 300 123 4567", [("phone", "+57 300 123 4567")]),
        ("my phone is (305) 555-0199", [("phone", "(305) 555-0199")]),
        ("mi RUC es 20601234567", []),
        ("la tarjeta 4111 1111 1111 1111", []),
        ("pagué $1.250.000 y eran 85 mil pesos", [("amount", "$1.250.000"), ("amount", "85 mil pesos")]),
        ("S/ 129.90 or US$40", [("amount", "S/ 129.90"), ("amount", "US$40")]),
        ("el 3 de octubre, no el lunes", [("date", "3 de octubre"), ("date", "lunes")]),
        ("may I get it in the morning? or on May 4th", [("date", "May 4th")]),
        ("por la mañana no, mañana sí", [("date", "mañana")]),
        ("quiero mi plata; vivo en La Plata", [("city", "La Plata")]),
        ("de santiago de los caballeros a bogota", [("city", "bogota"), ("city", "santiago de los caballeros")]),
        ("dos mochilas Sendero y una carpa", [("product", "carpa"), ("product", "mochilas Sendero")]),
        ("is the trail jacket warm", [("product", "trail jacket")]),
    ],
)
def test_what_is_named_is_found(extractor: RegexEntityExtractor, text: str, entities: list[tuple[str, str]]) -> None:
    assert found(extractor, text) == entities


@pytest.mark.parametrize("topic", TOPICS, ids=lambda path: path.stem)
def test_what_is_marked_in_the_training_text_is_found(extractor: RegexEntityExtractor, topic: object) -> None:
    for example in read(str(topic)).training_examples:
        marked = {
            (one["entity"], example.get("text")[one["start"] : one["end"]]) for one in example.get("entities", [])
        }
        assert marked <= set(found(extractor, example.get("text"))), example.get("text")


def test_no_words_are_found_twice(extractor: RegexEntityExtractor) -> None:
    for topic in TOPICS:
        for example in read(str(topic)).training_examples:
            message = Message.build(example.get("text"))
            extractor.process([message])
            places = sorted((one["start"], one["end"]) for one in message.get("entities", []))
            assert all(left[1] <= right[0] for left, right in pairwise(places)), example.get("text")
