"""Adds accepted sentences to data/nlu: a line each, at the end of its language; nothing else in the file changes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from designer.training_text import Example, essence, languages, plain, read
from designer.trouble import Trouble


class Refused(Exception):
    """The sentence cannot be added under that label; the message says why and what to do."""


def add(root: Path, text: str, label: str) -> str | None:
    """Writes the sentence (with entities annotated) under `label`, into the file of its topic, and returns `file:line`;
    None when it stands there already. Raises Refused for a label without sentences, or a sentence of another label."""
    examples = read(root)
    twin = next((one for one in examples if essence(one.plain) == essence(plain(text))), None)
    if twin and twin.intent != label:
        problem = f"{twin.file}:{twin.line} has it under {twin.intent}"
        raise Refused(f"{problem}. Take that label, or move the sentence there by hand")
    if twin:
        return None
    own = [one for one in examples if one.intent == label]
    if not own:
        known = ", ".join(sorted({one.intent for one in examples}))
        raise Refused(f"no sentences are below {label!r} in data/nlu. Take one of {known}")
    after = _last_of_its_language(own, text)
    _insert(root / after.file, after.line, text)
    _verify(root, [*examples, Example(after.file, after.line + 1, label, text)])
    return f"{after.file}:{after.line + 1}"


def _last_of_its_language(own: Sequence[Example], text: str) -> Example:
    """The end of the stretch in which the language of `text` prevails: sentences of one language stand together, but
    for a few that are short or borrow words."""
    speaks = languages(plain(text))
    best, last, weight = 0, own[-1], 0
    for one in own:
        theirs = languages(one.plain)
        weight = max(0, weight + (1 if theirs == speaks else -1 if len(theirs) == 1 else 0))
        if weight > best:
            best, last = weight, one
    return last


def _insert(file: Path, line: int, text: str) -> None:
    """Below `line`, indented as it is. The file is replaced whole, so that nobody ever reads half of one."""
    lines = file.read_text(encoding="utf-8").split("\n")
    before = lines[line - 1]
    lines.insert(line, before[: len(before) - len(before.lstrip())] + "- " + text)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text("\n".join(lines), encoding="utf-8")
    os.replace(fresh, file)


def _verify(root: Path, expected: Sequence[Example]) -> None:
    said = sorted((one.file, one.intent, one.text) for one in expected)
    if sorted((one.file, one.intent, one.text) for one in read(root)) != said:
        raise Trouble(
            f"{expected[-1].file}:{expected[-1].line}: {expected[-1].text!r} reads otherwise than it was written"
        )
