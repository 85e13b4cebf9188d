"""The texts of domain.yml: complete in both languages, and within what every platform can show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from actions.language import language_of
from designer.finding import Finding
from designer.trouble import Trouble

DOMAIN = "domain.yml"
# WhatsApp's limits for messages with reply buttons, the narrowest of all platforms; for the rest, the hub's contract.
MOST_BUTTONS, LONGEST_TITLE, LONGEST_WITH_BUTTONS, LONGEST = 3, 20, 1024, 4000
MOST_CHOICES = 10  # a question may have more choices than buttons have room for; they are a list to open
NOTHING: Any = {}
ENGLISH = [{"type": "slot", "name": "language", "value": "en"}]


def read(root: Path) -> Any:
    """The domain as ruamel's mapping, which knows the lines; Trouble when it cannot be read."""
    try:
        domain = YAML().load((root / DOMAIN).read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise Trouble(f"{DOMAIN}: cannot be read: {error}") from None
    if not isinstance(domain, dict):
        raise Trouble(f"{DOMAIN}: must be a mapping with intents, slots, responses, …")
    return domain


def findings(domain: Any) -> Iterator[Finding]:
    intents = {one if isinstance(one, str) else next(iter(one)) for one in domain.get("intents") or []}
    responses = domain.get("responses", NOTHING)
    for name, variants in responses.items():
        line = responses.lc.data[name][0] + 1
        yield from _parity(name, line, variants)
        for variant in variants:
            yield from _limits(name, variant, intents)
    yield from _questions(domain)


def _parity(name: str, line: int, variants: Any) -> Iterator[Finding]:
    """Each language has a text, all texts of a response fill the same placeholders and offer the same buttons."""
    english = [one for one in variants if one.get("condition") == ENGLISH]
    spanish = [one for one in variants if not one.get("condition")]
    if not english:
        remedy = "Add one with `condition: [{type: slot, name: language, value: en}]`"
        yield Finding(DOMAIN, line, f"{name} has no English text", remedy)
    if not spanish:
        yield Finding(DOMAIN, line, f"{name} has no Spanish text", "Add one without a condition: it is the default")
    for language, texts in (("en", english), ("es", spanish)):
        for one in texts:
            if language_of(one.get("text") or "", language) != language:
                problem = f"{name} is not in the language that this text is for, {language}"
                remedy = "Translate it, or correct the condition"
                yield Finding(DOMAIN, one.lc.line + 1, problem, remedy, error=False)
    for one in [*english, *spanish][1:]:
        first = ([*english, *spanish])[0]
        place = one.lc.line + 1
        if _placeholders(one) != _placeholders(first):
            told = f"{_listed(_placeholders(one))} here, {_listed(_placeholders(first))} in line {first.lc.line + 1}"
            yield Finding(DOMAIN, place, f"{name} fills {told}", "Use the same placeholders in both languages")
        if _payloads(one) != _payloads(first):
            problem = f"{name} has other buttons here than in line {first.lc.line + 1}"
            yield Finding(DOMAIN, place, problem, "Give both languages the same payloads in the same order")


def _limits(name: str, variant: Any, intents: set[str]) -> Iterator[Finding]:
    line, text, buttons = variant.lc.line + 1, variant.get("text") or "", variant.get("buttons") or []
    most = LONGEST_WITH_BUTTONS if buttons else LONGEST
    if len(text) > most:
        yield Finding(DOMAIN, line, f"{name} has {len(text)} characters, {most} are possible", "Say it in fewer words")
    room = MOST_CHOICES if name.startswith("utter_ask_") else MOST_BUTTONS
    if len(buttons) > room:
        problem = f"{name} has {len(buttons)} buttons, {room} are possible"
        yield Finding(DOMAIN, line, problem, "Keep those that most people need")
    for button in buttons:
        yield from _button(button, intents)


def _button(button: Any, intents: set[str]) -> Iterator[Finding]:
    line, title, payload = button.lc.line + 1, str(button.get("title") or ""), str(button.get("payload") or "")
    if not 1 <= len(title) <= LONGEST_TITLE:
        problem = f"the button {title!r} has {len(title)} characters, 1 to {LONGEST_TITLE} are possible"
        yield Finding(DOMAIN, line, problem, "Shorten the title")
    if payload.removeprefix("/").partition("{")[0] not in intents or not payload.startswith("/"):
        problem = f"the button {title!r} leads to {payload!r}, which is no intent"
        yield Finding(DOMAIN, line, problem, "Write / and an intent of the domain")


def _questions(domain: Any) -> Iterator[Finding]:
    """Rasa asks for a slot by a response or an action of that name; without one a form falls silent."""
    said = {*(domain.get("responses", NOTHING)), *(domain.get("actions") or [])}
    forms = domain.get("forms", NOTHING)
    for form, told in forms.items():
        for slot in told.get("required_slots") or []:
            names = [f"{kind}_ask_{name}" for kind in ("utter", "action") for name in (f"{form}_{slot}", slot)]
            if said.isdisjoint(names):
                problem, remedy = f"{form} has no question for {slot}", f"Add the response utter_ask_{slot}"
                yield Finding(DOMAIN, forms.lc.data[form][0] + 1, problem, remedy)


def _placeholders(variant: Any) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(variant.get("text") or "") if name}


def _payloads(variant: Any) -> list[str]:
    return [button.get("payload") for button in variant.get("buttons") or []]


def _listed(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "nothing"
