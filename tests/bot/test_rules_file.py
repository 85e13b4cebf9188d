"""A rules file is edited by people while conversations go on."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from actions.rules_check import SCHEMA
from actions.rules_file import PATH, BadRules, RulesFile, load_rules

GOOD = """\
version: "7"
words:
  person: [una persona]
rules:
  - id: asks
    reason: customer_request
    action: handoff
    any:
      - phrases: [quiero <person>]
  - id: fails
    reason: repeated_failure
    action: offer
    any:
      - failures_at_least: 2
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "handoff_rules.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_keeps_the_schema_that_editors_use() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(YAML(typ="safe").load(PATH.read_text("utf-8")), schema)
    assert f"$schema={SCHEMA.relative_to(PATH.parent)}" in PATH.read_text("utf-8").splitlines()[0]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, GOOD))
    assert rules.version == "7" and [rule.action for rule in rules.rules] == ["handoff", "offer"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"7"', "7", ":1: `version` is 7; write a text"),
        ("customer_request", "boredom", ':6: rule 1 (asks): `reason` is "boredom"; write one of customer_request,'),
        ("action: offer", "action: shout", ":12: rule 2 (fails): `action` is"),
        ("    reason: customer_request\n", "", ":5: rule 1 (asks): reason is missing; add it"),
        ("failures_at_least: 2", "mood: bad", ":14: rule 2 (fails): unknown word mood; allowed are intent,"),
        ("failures_at_least: 2", "failures_at_least: two", ":14: rule 2 (fails): `failures_at_least` is"),
        ("failures_at_least: 2", "failures_at_least: 0", ":14: rule 2 (fails): `failures_at_least` is 0, which breaks"),
        ("failures_at_least: 2", "confidence_at_least: 0.5", "write `intent:` beside it"),
        ("failures_at_least: 2", "negatives: {at_least: 2}", "of_last is missing"),
        ("failures_at_least: 2", "score_falls: {by: 0, over: 3}", "`by` is 0"),
        ("id: fails", "id: asks", ":10: rule 2 (asks): the id asks is there twice"),
        ("quiero <person>", "quiero <nadie>", ":9: rule 1 (asks): 'quiero <nadie>': <nadie> is not listed"),
        ("[una persona]", '["(una"]', ":3: '(una': brackets"),
        (
            "phrases: [quiero <person>]",
            "alone: [solo <nadie>]",
            ":9: rule 1 (asks): 'solo <nadie>': <nadie> is not listed",
        ),
        ("[una persona]", "[<person>]", ":3: "),
        ("rules:", "rules: [", "cannot be read"),
        (GOOD, "- a\n- b", "is no rules file"),
        (GOOD, "", "is no rules file"),
        (GOOD, 'version: "1"\nrules: []', ":2: `rules` is []"),
        (GOOD, 'version: "1"\nrules: [3]', ":2: rule 1: this is 3"),
    ],
)
def test_a_wrong_file_is_refused_with_line_rule_and_remedy(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(BadRules, match=r"handoff_rules\.yml") as wrong:
        load_rules(written(tmp_path, GOOD.replace(old, new)))
    assert told in str(wrong.value)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    broken = GOOD.replace("customer_request", "boredom").replace("failures_at_least: 2", "mood: bad")
    with pytest.raises(BadRules) as wrong:
        load_rules(written(tmp_path, broken))
    first, second = str(wrong.value).splitlines()
    assert "boredom" in first and "mood" in second


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="cannot be read"):
        load_rules(tmp_path / "none.yml")


def later(path: Path, text: str) -> None:
    """Written at another time, however coarse the clock of the file system is."""
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 10**9, before + 10**9))


def test_a_change_is_taken_up_and_a_bad_one_leaves_the_old_rules(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path, GOOD)
    file = RulesFile(path)
    first = file.current()
    assert file.current() is first
    later(path, GOOD.replace('"7"', '"8"').replace("offer", "shout"))
    assert file.current() is first and file.current() is first
    assert caplog.text.count("rules.refused") == 1 and "rule 2 (fails)" in caplog.text
    later(path, GOOD.replace('"7"', '"8"'))
    assert file.current().version == "8"
    path.unlink()
    assert file.current().version == "8"


def test_every_word_of_the_schema_makes_a_part(tmp_path: Path) -> None:
    schema: dict[str, Any] = json.loads(SCHEMA.read_text("utf-8"))
    samples = {
        "intent": "intent: a",
        "confidence_at_least": "{intent: a, confidence_at_least: 0.5}",
        "confidence_below": "confidence_below: 0.4",
        "several_intents": "several_intents: {at_least: 2, confidence_at_least: 0.3, of: [a, b]}",
        "phrases": "phrases: [hola]",
        "alone": "alone: [hola]",
        "words_at_least": "words_at_least: 30",
        "sentiment": "sentiment: negative",
        "score_at_most": "score_at_most: -0.5",
        "negatives": "negatives: {at_least: 2, of_last: 3}",
        "score_falls": "score_falls: {by: 0.5, over: 3}",
        "failures_at_least": "failures_at_least: 2",
        "failed_within": "failed_within: 2",
        "repeats_at_least": "repeats_at_least: 3",
        "order_value_usd_at_least": "order_value_usd_at_least: 100",
        "vip": "vip: true",
        "doing": "doing: [a, b]",
    }
    assert samples.keys() == schema["definitions"]["condition"]["properties"].keys()
    for sample in samples.values():
        rules = load_rules(written(tmp_path, GOOD.replace("failures_at_least: 2", sample)))
        assert len(rules.rules[1].any[0].parts) == 1
