"""Decisions about proposals in a file: written with the proposals, edited by a designer, then carried out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from designer.proposals import Proposal, signs
from designer.trouble import Trouble

HEAD = (
    "# What the assistant may have got wrong. Write an intent behind `label` to learn the texts above it (delete those",
    "# that do not belong), or `discard: true` never to see them again; leave both to decide later. Then run the same",
    "# command once more.",
)


@dataclass(frozen=True)
class Decision:
    """About one group of texts: an intent to learn them under, or to discard them; neither is for later."""

    texts: tuple[str, ...]
    label: str | None
    discard: bool


def write(file: Path, proposals: Iterable[Proposal]) -> None:
    file.write_text("\n".join([*HEAD, *(_entry(one) for one in proposals)]) + "\n", encoding="utf-8")


def _entry(one: Proposal) -> str:
    likely = ", ".join(f"{label} {confidence:.2f}" for label, confidence in one.labels)
    nearest = ", ".join(f"{example.plain} ({example.intent})" for example, _ in one.nearest[:1])
    return "\n".join(
        [
            f"\n# {signs(one)}. Likely {likely}. Nearest: {nearest}",
            "- texts:",
            *(f"    - {json.dumps(text, ensure_ascii=False)}" for text in one.texts),
            "  label:",
            "  discard: false",
        ]
    )


def read(file: Path) -> list[Decision]:
    """Trouble names every entry that cannot be used, by its line."""
    try:
        told = YAML().load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise Trouble(f"{file}: cannot be read: {error}") from None
    if not isinstance(told, list):
        raise Trouble(f"{file}: must be a list of entries with texts and a label")
    problems = [problem for entry in told for problem in _problems(file, entry)]
    if problems:
        raise Trouble(*problems)
    return [Decision(tuple(map(str, one["texts"])), one.get("label"), bool(one.get("discard"))) for one in told]


def _problems(file: Path, entry: Any) -> list[str]:
    place = f"{file}:{entry.lc.line + 1}" if isinstance(entry, CommentedMap) else str(file)
    if not isinstance(entry, CommentedMap) or entry.keys() - {"texts", "label", "discard"}:
        return [f"{place}: an entry has texts, label and discard, and nothing else"]
    texts, label, discard = entry.get("texts"), entry.get("label"), entry.get("discard", False)
    if not isinstance(texts, list) or not texts or not all(isinstance(one, str) and one.strip() for one in texts):
        return [f"{place}: texts must be a list of sentences; put words like yes or no in quotes"]
    if label is not None and not isinstance(label, str):
        return [f"{place}: label must be the name of an intent, not {label!r}"]
    if not isinstance(discard, bool) or (discard and label):
        return [f"{place}: write a label, or `discard: true`, not both"]
    return []
