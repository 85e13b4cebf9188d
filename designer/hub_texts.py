"""What the hub itself says: both languages hold the same keys and fill the same placeholders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from designer.finding import Finding

FOLDER = Path("handoff_server") / "texts"
OWN = ("when",)  # each language tells days and hours in its own way, and names the cities that it writes otherwise


def findings(root: Path) -> Iterator[Finding]:
    shapes = {}
    for language in ("es", "en"):
        file = FOLDER / f"{language}.yml"
        try:
            told = YAML(typ="safe").load((root / file).read_text(encoding="utf-8"))
            shapes[language] = dict(_shape({key: inner for key, inner in told.items() if key not in OWN}))
        except (OSError, YAMLError, UnicodeDecodeError) as error:
            yield Finding(file.as_posix(), 0, f"cannot be read: {error}", "Mend the file")
            return
    for language, other in (("es", "en"), ("en", "es")):
        for key in shapes[other].keys() - shapes[language].keys():
            remedy = f"Write what {other}.yml says in this language"
            yield Finding((FOLDER / f"{language}.yml").as_posix(), 0, f"{key} is missing", remedy)
    for key in shapes["es"].keys() & shapes["en"].keys():
        if shapes["es"][key] != shapes["en"][key]:
            told = " and ".join(f"{', '.join(sorted(shapes[one][key])) or 'nothing'} in {one}" for one in shapes)
            yield Finding(FOLDER.as_posix(), 0, f"{key} fills {told}", "Use the same placeholders in both")


def _shape(told: Any, place: str = "") -> Iterator[tuple[str, set[str]]]:
    """Dotted keys with their placeholders. Of a pair one/other the numbers may be words, so they count for nothing."""
    if isinstance(told, dict):
        for key, inner in told.items():
            yield from _shape(inner, f"{place}.{key}" if place else str(key))
    else:
        counted = place.endswith((".one", ".other"))
        names = {name for _, name, _, _ in Formatter().parse(str(told)) if name}
        yield place, set() if counted else names
