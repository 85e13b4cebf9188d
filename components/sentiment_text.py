"""What sentiment is learned from: data/sentiment/<language>.yml, label → kind → one sentence a line."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, List, Tuple

from rasa.shared.exceptions import InvalidConfigException
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from components.sentiment_model import LABELS

BULLET = "- "


def read(folder: Path) -> List[Tuple[str, str]]:
    """(sentence, label) of every file, or an error that names the file, the place and the remedy."""
    found = [pair for file in sorted(folder.glob("*.yml")) for pair in _pairs(file)]
    missing = [label for label in LABELS if label not in {label for _, label in found}]
    if missing:
        raise InvalidConfigException(f"{folder} has no sentence that is {', '.join(missing)}: write some")
    return found


def _pairs(file: Path) -> Iterator[Tuple[str, str]]:
    for label, kinds in _labels(file).items():
        if label not in LABELS or not isinstance(kinds, dict):
            raise InvalidConfigException(f"{file}: '{label}' must be one of {', '.join(LABELS)}, with kinds below it")
        for kind, lines in kinds.items():
            for line in _lines(file, f"{label}/{kind}", lines):
                yield line, label


def _labels(file: Path) -> dict[str, object]:
    try:
        labels = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise InvalidConfigException(f"{file} is not YAML: {error}") from None
    return labels if isinstance(labels, dict) else {}


def _lines(file: Path, place: str, text: object) -> List[str]:
    lines = text.splitlines() if isinstance(text, str) else []
    wrong = next((line for line in lines if line.strip() and not line.startswith(BULLET)), None)
    if not lines or wrong is not None:
        shown = "it is empty" if wrong is None else f"not '{wrong}'"
        raise InvalidConfigException(f"{file}: {place} must be '|' and below it lines that begin with '- ', {shown}")
    return [line[len(BULLET) :].strip() for line in lines if line.strip(" -")]
