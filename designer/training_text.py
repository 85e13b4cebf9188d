"""The training sentences of data/nlu with the places where they stand, and what can be wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.language import LANGUAGES, language_of
from designer.finding import Finding
from designer.trouble import Trouble

FOLDER = Path("data") / "nlu"
BULLET = "- "
FEWEST = 40  # sentences an intent should have in each language
_ENTITY = re.compile(r'\[([^\]]+)\](?:\((\w+)[^)]*\)|\{[^}]*?"entity":\s*"(\w+)"[^}]*\})')


@dataclass(frozen=True)
class Example:
    """One sentence: where it stands (file relative to the root, line from 1), its intent, and its text with entities
    marked as `[RX-4821](order_number)`."""

    file: str
    line: int
    intent: str
    text: str

    @property
    def plain(self) -> str:
        return plain(self.text)

    @property
    def entities(self) -> list[str]:
        return [found[2] or found[3] for found in _ENTITY.finditer(self.text)]


def read(root: Path) -> list[Example]:
    """Every sentence of every intent under data/nlu; Trouble when a file is not what Rasa reads."""
    return [example for file in sorted((root / FOLDER).rglob("*.yml")) for example in _examples(root, file)]


def plain(text: str) -> str:
    """The words of a sentence whose entities are marked."""
    return _ENTITY.sub(r"\1", text)


def essence(text: str) -> str:
    """What is left of a sentence without case, accents, punctuation: two with the same essence are one to a reader. One
    without words, such as a face, is its own."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(one for one in letters if not unicodedata.combining(one)))
    return " ".join(words) or "".join(text.split())


def languages(text: str) -> tuple[str, ...]:
    """The languages that a sentence serves: both when nothing tells them apart, as in `RX-4821` or `ok`."""
    said = {language_of(text, language) for language in LANGUAGES}
    return tuple(sorted(said))


def _examples(root: Path, file: Path) -> Iterator[Example]:
    name = file.relative_to(root).as_posix()
    try:
        told = YAML().load(file.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise Trouble(f"{name}: is not YAML: {error}") from None
    for entry in (told or {}).get("nlu") or []:
        if isinstance(entry, dict) and isinstance(entry.get("intent"), str):
            yield from _sentences(name, entry)


def _sentences(file: str, entry: Any) -> Iterator[Example]:
    examples = entry.get("examples")
    line = entry.lc.data["intent"][0] + 1
    if not isinstance(examples, str):
        raise Trouble(f"{file}:{line}: {entry['intent']} has no `examples: |` with a sentence a line below it")
    first = entry.lc.data["examples"][0] + 2  # the block begins below its key
    for place, text in enumerate(examples.split("\n")):
        if text.strip():
            yield Example(file, first + place, entry["intent"], text.strip().removeprefix(BULLET).strip())


def findings(examples: Sequence[Example], intents: frozenset[str], entities: frozenset[str]) -> Iterator[Finding]:
    """`intents` and `entities` are the domain's."""
    yield from _repeated(examples)
    yield from _foreign_entities(examples, entities)
    yield from _too_few(examples, intents)


def _repeated(examples: Iterable[Example]) -> Iterator[Finding]:
    """Under two intents a sentence counts as the same without accents and punctuation; under one these are variety."""
    first: dict[str, Example] = {}
    seen: dict[str, Example] = {}
    for example in examples:
        other = first.setdefault(essence(example.plain), example)
        twin = seen.setdefault(example.plain.casefold(), example)
        if other.intent != example.intent:
            problem = f"{example.plain!r} is {example.intent} here and {other.intent} in {other.file}:{other.line}"
            yield Finding(example.file, example.line, problem, "Keep it where it belongs, and delete the other")
        elif twin is not example:
            problem = f"{example.plain!r} repeats {twin.file}:{twin.line}"
            yield Finding(example.file, example.line, problem, "Delete one", error=False)


def _foreign_entities(examples: Iterable[Example], entities: frozenset[str]) -> Iterator[Finding]:
    for example in examples:
        for entity in example.entities:
            if entity not in entities:
                remedy = "Add it below `entities` in domain.yml, or correct the name"
                yield Finding(example.file, example.line, f"the domain has no entity {entity!r}", remedy)


def _too_few(examples: Iterable[Example], intents: frozenset[str]) -> Iterator[Finding]:
    by_intent: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    for intent, own in sorted(by_intent.items()):
        counts = {one: sum(one in languages(example.plain) for example in own) for one in LANGUAGES}
        short = ", ".join(f"{count} in {language}" for language, count in counts.items() if count < FEWEST)
        if short and intent in intents:
            remedy = f"Write at least {FEWEST} in each language, as customers write"
            yield Finding(own[0].file, own[0].line, f"{intent} has few sentences: {short}", remedy, error=False)
