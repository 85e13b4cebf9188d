"""`make validate`: every mistake in what designers write that can be seen without talking to the assistant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from actions.rules_file import BadRules, load_rules
from designer import hub_texts, rasa_check, responses, routes, training_text, utterances
from designer.finding import Finding
from designer.trouble import Trouble

ROOT = Path(__file__).parent.parent


def validate(root: Path = ROOT) -> int:
    """Prints a line for each finding, errors last; 1 when there is an error, else 0."""
    found = sorted({finding for check in CHECKS for finding in _found(check, root)})
    for finding in sorted(found, key=lambda one: one.error):
        print(finding)
    errors = sum(finding.error for finding in found)
    print(f"{errors} errors, {len(found) - errors} warnings.")
    return 1 if errors else 0


def _found(check: Callable[[Path], Iterator[Finding]], root: Path) -> Iterator[Finding]:
    """A file that cannot be read is a finding too, and keeps none of the other checks from their work."""
    try:
        yield from check(root)
    except Trouble as trouble:
        for problem in trouble.problems:
            file, _, what = problem.partition(": ")
            yield Finding(file, 0, what, "Mend it, then validate again")


def _texts(root: Path) -> Iterator[Finding]:
    domain = responses.read(root)
    yield from responses.findings(domain)
    yield from utterances.findings(root, domain)


def _training_text(root: Path) -> Iterator[Finding]:
    domain = responses.read(root)
    names = [
        frozenset(one if isinstance(one, str) else next(iter(one)) for one in domain.get(kind) or [])
        for kind in ("intents", "entities")
    ]
    yield from training_text.findings(training_text.read(root), *names)


def _sentiment_text(root: Path) -> Iterator[Finding]:
    from rasa.shared.exceptions import InvalidConfigException

    from components import sentiment_text

    try:
        sentiment_text.read(root / "data" / "sentiment")
    except InvalidConfigException as error:
        file, _, problem = str(error).partition(": ")
        yield Finding(file, 0, problem or "cannot be used", "docs/assistant.md shows the form")


def _rules(root: Path) -> Iterator[Finding]:
    try:
        load_rules(root / "handoff_rules.yml")
    except BadRules as error:
        for told in str(error).splitlines():
            place, _, problem = told.partition(": ")
            file, _, line = place.partition(":")
            yield Finding(file, int(line or 0), problem, "Until it is mended the old rules stay in force")
        return
    yield from routes.findings(root)


CHECKS = (rasa_check.findings, _texts, _training_text, _sentiment_text, _rules, hub_texts.findings)
