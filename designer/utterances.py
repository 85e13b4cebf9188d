"""Which responses the actions, rules and forms say: none may be missing from the domain, and none need lie idle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from designer.finding import Finding
from designer.responses import DOMAIN, NOTHING

# `utter_message` is the dispatcher's method, by which all of them are said.
_NAME = re.compile(r"\b(?!utter_message\b)(utter_[a-z0-9_]*(?:\{[^}\"]*\}[a-z0-9_]*)*)")


def findings(root: Path, domain: Any) -> Iterator[Finding]:
    responses, actions = domain.get("responses", NOTHING), domain.get("actions") or []
    said = list(_said(root))
    for file, line, name in said:
        if "{" not in name and name not in responses and name not in actions:
            remedy = "Add it below `responses` in domain.yml, or correct the name"
            yield Finding(file, line, f"{name} is no response of the domain", remedy)
    patterns = {re.compile(re.sub(r"\{[^}]*\}", "[a-z0-9_]+", name)) for _, _, name in said}
    for name in responses:
        if not name.startswith("utter_ask_") and not any(pattern.fullmatch(name) for pattern in patterns):
            line = responses.lc.data[name][0] + 1
            yield Finding(DOMAIN, line, f"nothing says {name}", "Use it, or delete it", error=False)


def _said(root: Path) -> Iterator[tuple[str, int, str]]:
    """(file, line, name) of every response that is named; parts in braces are filled when it is said."""
    files = [*(root / "actions").rglob("*.py"), *(root / "data" / "rules").rglob("*.yml")]
    for file in sorted([*files, *(root / "data" / "stories").rglob("*.yml")]):
        for number, text in enumerate(file.read_text(encoding="utf-8").split("\n"), start=1):
            for found in _NAME.finditer(text):
                yield file.relative_to(root).as_posix(), number, found[1]
