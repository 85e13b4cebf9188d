"""Reads `handoff_rules.yml`. A file that is wrong is refused with the rule and the remedy."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.escalation import ACTIONS, REASONS, Condition, Rule, Rules

PATH = Path(__file__).parent.parent / "handoff_rules.yml"
_PARTS = {field.name for field in fields(Condition)}


class BadRules(Exception):
    """The rules cannot be used; the message says which one and what to do."""


def load_rules(path: Path = PATH) -> Rules:
    try:
        read = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError) as error:
        raise BadRules(f"{path.name}: cannot be read: {error}") from None
    if not isinstance(read, dict) or not isinstance(read.get("version"), str) or not read.get("rules"):
        raise BadRules(f'{path.name}: needs `version: "…"` (in quotes) and a list `rules`')
    return Rules(read["version"], tuple(_rule(path.name, number, one) for number, one in enumerate(read["rules"], 1)))


def _rule(file: str, number: int, read: Any) -> Rule:
    name = f"{file}: rule {number}" + (f" ({read['id']})" if isinstance(read, dict) and read.get("id") else "")
    if not isinstance(read, dict):
        raise BadRules(f"{name} is not a mapping; write id, reason, action and any")
    for key in read.keys() - {"id", "reason", "action", "any", "unless"}:
        raise BadRules(f"{name}: unknown word {key!r}; allowed are id, reason, action, any, unless")
    for key in ("id", "reason", "action", "any"):
        if not read.get(key):
            raise BadRules(f"{name}: {key} is missing")
    if read["reason"] not in REASONS:
        raise BadRules(f"{name}: reason {read['reason']!r} is not one of {', '.join(REASONS)}")
    if read["action"] not in ACTIONS:
        raise BadRules(f"{name}: action {read['action']!r} is not one of {', '.join(ACTIONS)}")
    unless = read.get("unless")
    _check_pattern(name, unless)
    conditions = tuple(_condition(name, one) for one in read["any"])
    return Rule(read["id"], read["reason"], read["action"], conditions, unless)


def _condition(name: str, read: Any) -> Condition:
    if not isinstance(read, dict) or not read:
        raise BadRules(f"{name}: each entry of `any` is a mapping of {', '.join(sorted(_PARTS))}")
    for key in read.keys() - _PARTS:
        raise BadRules(f"{name}: unknown condition {key!r}; allowed are {', '.join(sorted(_PARTS))}")
    _check_pattern(name, read.get("phrase"))
    return Condition(**read)


def _check_pattern(name: str, pattern: Any) -> None:
    try:
        re.compile(pattern or "")
    except (re.error, TypeError) as error:
        raise BadRules(f"{name}: {pattern!r} is not a pattern: {error}") from None
