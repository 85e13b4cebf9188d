"""Where things lie."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VAR = ROOT / "var"
LOGS = VAR / "log"
MODEL = ROOT / "models" / "relevo.tar.gz"
WEB = ROOT / "handoff_server" / "web"
REQUIREMENTS = ROOT / "requirements"


def venv(name: str) -> Path:
    return ROOT / ".venv" / name


def binary(environment: str, command: str) -> str:
    return str(venv(environment) / "bin" / command)


def shown(path: Path) -> str:
    """A path as a person at the root would type it."""
    return os.path.relpath(path, ROOT)
