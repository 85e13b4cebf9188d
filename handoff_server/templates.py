"""The templates that WhatsApp has approved, and agents may send once its time for answers is over: a file in YAML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from handoff_server.refusal import Refusal

CHANNELS = ("whatsapp",)
MAX_VALUE = 200
_PLACE = re.compile(r"\{\{(\d+)\}\}")


@dataclass(frozen=True)
class Template:
    """`text` holds {{1}} … as in WhatsApp Manager; `parameters` says to agents what each of them is."""

    name: str
    language: str
    text: str
    parameters: tuple[str, ...] = ()

    def filled(self, values: Sequence[str]) -> str:
        """What the customer reads. Refusal unless there is a value for each parameter."""
        clean = [" ".join(value.split()) for value in values]  # WhatsApp takes no line ends in them
        if len(clean) != len(self.parameters) or not all(clean) or max(map(len, clean), default=0) > MAX_VALUE:
            wanted = ", ".join(self.parameters) or "none"
            raise Refusal(
                "invalid_request", f"template {self.name} needs the values: {wanted}; at most {MAX_VALUE} signs"
            )
        return _PLACE.sub(lambda place: clean[int(place[1]) - 1], self.text)


def load_templates(path: Path) -> tuple[Template, ...]:
    """Refusal with the place and the remedy when the file cannot be used."""
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refusal("invalid_request", f"WHATSAPP_TEMPLATES_FILE {path} cannot be read: {error}") from None
    if not isinstance(told, list):
        raise Refusal("invalid_request", f"{path} must be a list of templates, each with name, language and text")
    return tuple(_template(one, f"{path}, template {place}") for place, one in enumerate(told, 1))


def _template(told: Any, where: str) -> Template:
    if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in ("name", "language", "text")):
        raise Refusal("invalid_request", f"{where}: name, language and text must be there, each a text")
    parameters = told.get("parameters", [])
    if not isinstance(parameters, list) or not all(isinstance(one, str) for one in parameters):
        raise Refusal("invalid_request", f"{where}: parameters must be a list of texts")
    places = {int(number) for number in _PLACE.findall(told["text"])}
    if places != set(range(1, len(parameters) + 1)):
        raise Refusal(
            "invalid_request", f"{where}: the text must hold {{{{1}}}} to {{{{{len(parameters)}}}}}, one a parameter"
        )
    return Template(told["name"], told["language"], told["text"], tuple(parameters))
