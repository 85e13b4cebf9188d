"""The settings that all processes share: the environment first, then `.env`, then `var/secrets.env`, then what the
others imply. `.env.example` explains each."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Mapping

from scripts import simulated
from scripts.failure import Failure
from scripts.layout import ROOT, VAR

TOKENS = ("RASA_TOKEN", "HANDOFF_TOKEN", "SIMULATOR_SECRET")
FIXED = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # rasa-sdk listens on every address unless told otherwise, and has no log-in.
    "SANIC_HOST": "127.0.0.1",
    "PYTHONUNBUFFERED": "1",
}
DEFAULTS = {
    "ENVIRONMENT": "development",
    "RELEVO_HOST": "127.0.0.1",
    "RELEVO_PORT": "8000",
    "RASA_PORT": "5005",
    "ACTIONS_PORT": "5055",
    "SIMULATOR_PORT": "8010",
    "DATABASE_URL": "sqlite:///var/relevo.db",
    "MEDIA_DIR": "var/media",
    "SHOP_DATABASE_URL": "sqlite:///var/shop.db",
    "RASA_TRACKER_DB": "var/rasa.db",
}


@dataclass(frozen=True)
class Port:
    setting: str
    number: int
    host: str
    purpose: str


def load(file: Path = ROOT / ".env", tokens: Path = VAR / "secrets.env") -> Dict[str, str]:
    """All settings as an environment for the processes. Makes the service tokens at the first start."""
    make_tokens(tokens)
    told = {**FIXED, **DEFAULTS, **read(tokens), **read(file), **os.environ}
    host = "127.0.0.1" if told["RELEVO_HOST"] == "0.0.0.0" else told["RELEVO_HOST"]  # noqa: S104  # compared, not bound
    implied = {
        "RASA_URL": f"http://127.0.0.1:{told['RASA_PORT']}",
        "ACTIONS_URL": f"http://127.0.0.1:{told['ACTIONS_PORT']}/webhook",
        "SERVER_URL": f"http://{f'[{host}]' if ':' in host else host}:{told['RELEVO_PORT']}",
    }
    return {**implied, **simulated.implied(told), **told}


def read(file: Path) -> Dict[str, str]:
    """Lines `NAME=value`; blank lines and lines with # are left out; quotes around a value are dropped."""
    if not file.exists():
        return {}
    found: Dict[str, str] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise Failure(
                f"{file.name}, line {number} is not NAME=value.", f"Mend that line; {file.name} is plain text."
            )
        found[name.strip()] = value.strip().strip("\"'")
    return found


def make_tokens(file: Path) -> None:
    """Random service tokens, each written once. Only the owner may read the file, from its first moment on."""
    missing = [name for name in TOKENS if name not in read(file)]
    if not missing:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as output:
        # What people have edited may end without a newline.
        output.writelines(f"\n{name}={secrets.token_urlsafe(32)}\n" for name in missing)


def ports(settings: Mapping[str, str]) -> List[Port]:
    found = [
        _port(settings, "RELEVO_PORT", settings["RELEVO_HOST"], "the hub"),
        _port(settings, "RASA_PORT", "127.0.0.1", "Rasa"),
        _port(settings, "ACTIONS_PORT", "127.0.0.1", "the action server"),
    ]
    if settings.get("SIMULATOR") == "true":
        found.append(_port(settings, "SIMULATOR_PORT", "127.0.0.1", "the simulator"))
    return found


def _port(settings: Mapping[str, str], name: str, host: str, purpose: str) -> Port:
    value = settings[name]
    if not value.isdigit() or not 1 <= int(value) <= 65535:
        raise Failure(
            f"{name}={value} is not a port.", f"Set {name} to a number from 1 to 65535, in .env for instance."
        )
    return Port(name, int(value), host, purpose)
