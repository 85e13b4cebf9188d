"""What is wrong in a rules file: the line, the rule and the remedy, in a designer's words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from actions.phrases import BadPhrase, pattern

SCHEMA = Path(__file__).parent / "handoff_rules.schema.json"
Steps = list[Any]  # from the top of the file to a value: ["rules", 2, "any", 0]
_KINDS = {
    "string": 'a text, in "quotes" if it looks like a number',
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list, each entry on a line that begins with -",
    "object": "lines of `word: value`",
}


def problems(read: Any) -> list[str]:
    """Every one as `12: rule 3 (anger): …`; none for a file that can be used. `read` keeps its lines (ruamel)."""
    if not isinstance(read, dict):
        return ['1: the file is no rules file; write `version: "1"` and a list `rules`']
    schema = jsonschema.Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    found = [([*error.absolute_path], _told(error)) for error in schema.iter_errors(read)]
    if not found:
        found = [*_repeated_ids(read), *_bad_phrases(read)]
    found.sort(key=lambda one: _line(read, one[0]))
    return [f"{_line(read, steps)}: {_rule(read, steps)}{told}" for steps, told in found]


def _told(error: jsonschema.ValidationError) -> str:
    last = error.absolute_path[-1] if error.absolute_path else ""
    what = f"`{last}`" if isinstance(last, str) and last else "this"
    if error.validator == "additionalProperties":
        unknown = ", ".join(sorted(map(str, set(error.instance) - set(error.schema["properties"]))))
        return f"unknown word {unknown}; allowed are {', '.join(error.schema['properties'])}"
    if error.validator == "required":
        return f"{', '.join(name for name in error.validator_value if name not in error.instance)} is missing; add it"
    if error.validator == "dependencies":
        return "confidence_at_least needs an intent that it is about; write `intent:` beside it"
    if error.validator == "enum":
        return f"{what} is {_shown(error.instance)}; write one of {', '.join(map(str, error.validator_value))}"
    if error.validator == "type":
        return f"{what} is {_shown(error.instance)}; write {_KINDS[error.validator_value]}"
    if error.validator == "oneOf":
        return f"{what} is {_shown(error.instance)}; write a text, or a list of texts"
    limit = "" if isinstance(error.validator_value, dict) else f" {error.validator_value}"
    return f"{what} is {_shown(error.instance)}, which breaks {error.validator}{limit}; change it"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _repeated_ids(read: Any) -> Iterator[tuple[Steps, str]]:
    seen: set[str] = set()
    for number, rule in enumerate(read["rules"]):
        if rule["id"] in seen:
            yield ["rules", number, "id"], f"the id {rule['id']} is there twice; give each rule its own"
        seen.add(rule["id"])


def _bad_phrases(read: Any) -> Iterator[tuple[Steps, str]]:
    words = read.get("words") or {}
    for steps, phrases in _phrase_lists(read):
        for number, phrase in enumerate(phrases):
            try:
                pattern([phrase], {} if steps[0] == "words" else words)
            except BadPhrase as bad:
                yield [*steps, number], str(bad)


def _phrase_lists(read: Any) -> Iterator[tuple[Steps, list[str]]]:
    yield from ((["words", name], phrases) for name, phrases in (read.get("words") or {}).items())
    for number, rule in enumerate(read["rules"]):
        if "unless" in rule:
            yield ["rules", number, "unless"], rule["unless"]
        for place, one in enumerate(rule["any"]):
            for word in {"phrases", "alone"} & one.keys():
                yield ["rules", number, "any", place, word], one[word]


def _rule(read: Any, steps: Steps) -> str:
    if len(steps) < 2 or steps[0] != "rules":
        return ""
    rule = read["rules"][steps[1]]
    name = rule.get("id") if isinstance(rule, dict) else None
    return f"rule {steps[1] + 1}{f' ({name})' if isinstance(name, str) else ''}: "


def _line(read: Any, steps: Steps) -> int:
    """Counted from 1."""
    line = 0
    for step in steps:
        places = read.lc
        line = (places.key(step) if isinstance(read, dict) else places.item(step))[0]
        read = read[step]
    return int(line) + 1
