"""Files of labelled sentences: what is read, and what is said about each line that cannot be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from designer.sentences import Sentence, read
from designer.trouble import Trouble


def written(folder: Path, *lines: object) -> Path:
    file = folder / "said.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines) + "\n", "utf-8")
    return file


def test_a_line_is_read_with_all_that_was_judged(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"text": " dónde está mi pedido ", "label": "order_status"},
        "",
        {
            "text": "where is it",
            "intent": "order_status",
            "lang": "en-GB",
            "sentiment": "neutral",
            "human": False,
            "n": 1,
        },
        {"text": "qué desastre", "sentiment": "negative"},
    )
    assert read(file) == [
        Sentence("dónde está mi pedido", "order_status", "es"),
        Sentence("where is it", "order_status", "en", "neutral", False),
        Sentence("qué desastre", None, "es", "negative"),
    ]


def test_a_language_that_nobody_named_is_detected(tmp_path: Path) -> None:
    file = written(tmp_path, {"text": "where is my order", "label": "a"}, {"text": "no sé dónde está", "label": "a"})
    assert [one.language for one in read(file)] == ["en", "es"]


def test_yaml_of_intents_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "said.yml"
    file.write_text("greet: [buenas, hello there]\n", "utf-8")
    assert [(one.label, one.text, one.language) for one in read(file)] == [
        ("greet", "buenas", "es"),
        ("greet", "hello there", "en"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[1]", "is not an object"),
        ({"label": "greet"}, '"text" is missing'),
        ({"text": "  ", "label": "greet"}, '"text" is "  "'),
        ({"text": ["hola"], "label": "greet"}, '"text" is ["hola"]'),
        ({"text": "hola"}, "there is nothing to measure"),
        ({"text": "hola", "label": ["greet"]}, '"label" is ["greet"]'),
        ({"text": "hola", "intent": ""}, '"intent" is ""'),
        ({"text": "hola", "label": "greet", "intent": "thanks"}, '"label" and "intent" differ (greet, thanks)'),
        ({"text": "hola", "label": "greet", "lang": 3}, '"lang" is 3'),
        ({"text": "hola", "sentiment": "angry"}, '"sentiment" is "angry"'),
        ({"text": "hola", "human": "yes"}, '"human" is "yes"'),
    ],
    ids=lambda one: json.dumps(one)[:60],
)
def test_a_bad_line_is_named_with_its_number_and_the_remedy(tmp_path: Path, line: object, problem: str) -> None:
    file = written(tmp_path, {"text": "hola", "label": "greet"}, "", line)
    with pytest.raises(Trouble) as trouble:
        read(file)
    (told,) = trouble.value.problems
    assert told.startswith(f"{file}:3: {problem}") and re.search(r"\. (Write|Add|Keep) ", told)


def test_many_bad_lines_are_told_together_but_not_without_end(tmp_path: Path) -> None:
    with pytest.raises(Trouble) as trouble:
        read(written(tmp_path, *["nonsense"] * 100))
    assert len(trouble.value.problems) == 21 and trouble.value.problems[-1] == "… and 80 more lines like these."


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none.jsonl", None, "cannot be read"),
        ("empty.jsonl", b"\n\n", "holds no sentence"),
        ("latin.jsonl", '{"text": "qué"}'.encode("latin-1"), "cannot be read"),
        ("broken.yml", b"greet: [a", "is not YAML"),
        ("list.yml", b"- greet", "must map intents"),
        ("yes.yml", b"affirm: [true]", "affirm must be a list of sentences"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path: Path, name: str, content: bytes | None, problem: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Trouble, match=problem):
        read(file)
