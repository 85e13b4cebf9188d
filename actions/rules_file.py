"""Reads `handoff_rules.yml`. A file that is wrong is refused with line, rule and remedy, and the old rules stay."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions import conditions as c
from actions.escalation import Rule, Rules
from actions.phrases import pattern
from actions.rules_check import problems

PATH = Path(__file__).parent.parent / "handoff_rules.yml"
logger = logging.getLogger(__name__)
Words = Mapping[str, list[str]]


class BadRules(Exception):
    """The rules cannot be used; the message tells every line that is wrong and what to do."""


class RulesFile:
    """The rules as the file has them now: a change counts from the next message on, a bad one is told and left."""

    def __init__(self, path: Path = PATH) -> None:
        self._path = path
        self._stamp = self._stamp_now()
        self._rules = load_rules(path)

    def current(self) -> Rules:
        stamp = self._stamp_now()
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                self._rules = load_rules(self._path)
                logger.warning("rules.changed: version %s is in force", self._rules.version)
            except BadRules as bad:
                logger.error("rules.refused: version %s stays in force\n%s", self._rules.version, bad)
        return self._rules

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def load_rules(path: Path = PATH) -> Rules:
    try:
        read = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise BadRules(f"{path.name}: cannot be read: {' '.join(str(error).split())}") from None
    if wrong := problems(read):
        raise BadRules("\n".join(f"{path.name}:{problem}" for problem in wrong))
    words = read.get("words") or {}
    return Rules(str(read["version"]), tuple(_rule(one, words) for one in read["rules"]))


def _rule(read: Mapping[str, Any], words: Words) -> Rule:
    unless = pattern(read["unless"], words) if "unless" in read else None
    return Rule(
        id=str(read["id"]),
        reason=str(read["reason"]),
        action=str(read["action"]),
        any=tuple(c.Condition(tuple(_parts(one, unless, words))) for one in read["any"]),
        priority=str(read.get("priority", "normal")),
        team=read.get("team"),
        skill=read.get("skill"),
    )


def _parts(read: Mapping[str, Any], unless: re.Pattern[str] | None, words: Words) -> Iterator[c.Part]:
    """In the order of their cost."""
    if "intent" in read:
        names = (read["intent"],) if isinstance(read["intent"], str) else tuple(read["intent"])
        yield c.Intent(names, read.get("confidence_at_least"), unless)
    if "doing" in read:
        yield c.Doing((read["doing"],) if isinstance(read["doing"], str) else tuple(read["doing"]))
    if "several_intents" in read:
        several = read["several_intents"]
        yield c.SeveralIntents(several["at_least"], several["confidence_at_least"], tuple(several["of"]))
    if "negatives" in read:
        yield c.Negatives(read["negatives"]["at_least"], read["negatives"]["of_last"])
    if "score_falls" in read:
        yield c.ScoreFalls(read["score_falls"]["by"], read["score_falls"]["over"])
    for word, part in _SIMPLE.items():
        if word in read:
            yield part(read[word])
    if "phrases" in read:
        yield c.Phrases(pattern(read["phrases"], words), unless)
    if "alone" in read:
        yield c.Alone(pattern(read["alone"], words))


_SIMPLE: dict[str, Any] = {
    "confidence_below": c.ConfidenceBelow,
    "sentiment": c.Sentiment,
    "score_at_most": c.Score,
    "failures_at_least": c.Failures,
    "failed_within": c.FailedWithin,
    "order_value_usd_at_least": c.OrderValue,
    "vip": c.Vip,
    "words_at_least": c.Words,
    "repeats_at_least": c.Repeats,
}
