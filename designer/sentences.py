"""Labelled sentences to measure with: one JSON object a line, or YAML that maps each intent to its sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.language import LANGUAGES, language_of
from designer.trouble import Trouble

SENTIMENTS = ("negative", "neutral", "positive")
MOST_PROBLEMS = 20
FORM = '{"text": "¿dónde está mi pedido?", "label": "order_status"}'


@dataclass(frozen=True)
class Sentence:
    """What a customer wrote, and what a person says about it: the intent, the sentiment, whether a person is wished
    for. What was not judged is None. `language` is the file's word, else what the assistant would take it for."""

    text: str
    label: str | None
    language: str
    sentiment: str | None = None
    human: bool | None = None


def read(file: Path) -> list[Sentence]:
    """All sentences of a `.jsonl` or `.yml` file; Trouble names every line that cannot be used, and what to do."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            f"{file}: cannot be read: {error}. Name a UTF-8 file: make test-nlu FILE=sentences.jsonl"
        ) from None
    sentences = list(_from_yaml(file, text)) if file.suffix in (".yml", ".yaml") else _from_lines(file, text)
    if not sentences:
        raise Trouble(f"{file}: holds no sentence. Write one a line: {FORM}")
    return sentences


def _from_lines(file: Path, text: str) -> list[Sentence]:
    sentences, problems = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                sentences.append(_sentence(line))
            except ValueError as problem:
                problems.append(f"{file}:{number}: {problem}")
    if problems:
        more = len(problems) - MOST_PROBLEMS
        raise Trouble(*problems[:MOST_PROBLEMS], *([f"… and {more} more lines like these."] if more > 0 else []))
    return sentences


def _sentence(line: str) -> Sentence:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({str(error)[:80]}). Write {FORM}") from None
    if not isinstance(told, dict):
        raise ValueError(f"is not an object. Write {FORM}")
    text, label = _text(told), _label(told)
    sentiment, human = told.get("sentiment"), told.get("human")
    if sentiment is not None and sentiment not in SENTIMENTS:
        raise ValueError(f'"sentiment" is {_shown(sentiment)}. Write one of {", ".join(SENTIMENTS)}')
    if human is not None and not isinstance(human, bool):
        raise ValueError(f'"human" is {_shown(human)}. Write true when the customer wants a person, else false')
    if label is None and sentiment is None and human is None:
        raise ValueError(f'there is nothing to measure. Add a "label", for instance {FORM}')
    return Sentence(text, label, _language(told, text), sentiment, human)


def _text(told: dict[str, Any]) -> str:
    text = told.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f'"text" is {_shown(text)}. Write what the customer said, in quotes')
    return text.strip()


def _label(told: dict[str, Any]) -> str | None:
    """`label` and `intent` are two words for the same."""
    given = {key: told[key] for key in ("label", "intent") if told.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f'"{key}" is {_shown(value)}. Write the name of an intent, in quotes')
    names = sorted({value.strip() for value in given.values()})
    if len(names) > 1:
        raise ValueError(f'"label" and "intent" differ ({", ".join(names)}). Keep one of them')
    return names[0] if names else None


def _language(told: dict[str, Any], text: str) -> str:
    named = told.get("lang", told.get("language"))
    if named is None:
        return language_of(text, LANGUAGES[0])
    if not isinstance(named, str) or not named.strip():
        raise ValueError(f'"lang" is {_shown(named)}. Write "es" or "en", or leave it out')
    return named.strip().lower()[:2]


def _shown(value: Any) -> str:
    return "missing" if value is None else json.dumps(value, ensure_ascii=False)[:60]


def _from_yaml(file: Path, text: str) -> Iterator[Sentence]:
    try:
        told = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise Trouble(f"{file}: is not YAML: {error}") from None
    if not isinstance(told, dict):
        raise Trouble(f"{file}: must map intents to lists of sentences, such as `greet: [buenas, hello]`")
    for label, texts in told.items():
        if not isinstance(texts, list) or not all(isinstance(one, str) and one.strip() for one in texts):
            raise Trouble(f"{file}: {label} must be a list of sentences; put words like yes or no in quotes")
        for one in texts:
            yield Sentence(one.strip(), str(label), language_of(one, LANGUAGES[0]))
