"""Where the rules send people: `team` and `skill` of handoff_rules.yml are names that teams.yml has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from designer.finding import Finding

RULES, TEAMS = "handoff_rules.yml", "teams.yml"


def findings(root: Path) -> Iterator[Finding]:
    """Of a rules file that can be used. The hub gives an unknown team's customers to the default team, silently."""
    try:
        served = YAML(typ="safe").load((root / TEAMS).read_text(encoding="utf-8"))
        names = {"team": list(served["teams"]), "skill": list(served.get("skills") or [])}
    except (OSError, UnicodeDecodeError, YAMLError, TypeError, KeyError) as error:
        yield Finding(TEAMS, 0, f"cannot be read: {error}", "Mend the file; `make run` tells more")
        return
    for rule in YAML(typ="rt").load((root / RULES).read_text(encoding="utf-8"))["rules"]:
        yield from _unknown(rule, names)


def _unknown(rule: Any, names: dict[str, list[str]]) -> Iterator[Finding]:
    for word, known in names.items():
        if word in rule and rule[word] not in known:
            problem = f"rule {rule['id']}: there is no {word} {rule[word]}"
            remedy = f"Write one of {', '.join(known)}, or add it to {TEAMS}"
            yield Finding(RULES, rule.lc.key(word)[0] + 1, problem, remedy)
