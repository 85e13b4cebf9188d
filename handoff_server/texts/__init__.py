"""What the server itself says to people, in `es.yml` and `en.yml`: edited by designers, both with the same keys."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("es", "en")


@cache
def texts(language: str) -> dict[str, Any]:
    chosen = language if language in LANGUAGES else LANGUAGES[0]
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(f"{chosen}.yml").read_text(encoding="utf-8"))
    return loaded


def say(language: str, key: str, **values: Any) -> str:
    """The text `key` in that language, its {placeholders} filled."""
    return str(texts(language)[key]).format(**values)


def plural(language: str, key: str, count: int) -> str:
    """`key` is a pair one/other in the file, such as `agents: {one: …, other: …}`."""
    forms = texts(language)[key]
    return str(forms["one" if count == 1 else "other"]).format(n=count)
