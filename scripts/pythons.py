"""Finds the Pythons of this machine, and installs one where none fits."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Tuple

from scripts.commands import run
from scripts.failure import Failure

Version = Tuple[int, int]


def search_environment() -> Dict[str, str]:
    """The environment for uv. pyenv's shims answer only for the version that is switched on, so uv would miss all
    others: its real Pythons come first on PATH, and the shims leave it."""
    root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")))
    real = [str(folder) for folder in sorted(root.glob("versions/*/bin"))]
    rest = [part for part in os.environ.get("PATH", "").split(os.pathsep) if part != str(root / "shims")]
    return {**os.environ, "PATH": os.pathsep.join(real + rest), "UV_NO_PROGRESS": "1"}


def find(uv: str, lowest: Version, below: Version) -> str:
    """The path of the newest CPython in [lowest, below); installs `lowest` when the machine has none."""
    found = newest(installed(uv), lowest, below)
    if found:
        return found
    wanted = f"{lowest[0]}.{lowest[1]}"
    try:
        run([uv, "python", "install", wanted], f"setup-python-{wanted}", environment=search_environment())
    except Failure as failure:
        raise missing(lowest, below) from failure
    found = newest(installed(uv), lowest, below)
    if not found:
        raise missing(lowest, below)
    return found


def installed(uv: str) -> List[Dict[str, Any]]:
    command = [uv, "python", "list", "--only-installed", "--output-format", "json"]
    answer = subprocess.run(
        command, env=search_environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False
    )
    listed: List[Dict[str, Any]] = json.loads(answer.stdout or b"[]")
    return listed


def newest(pythons: List[Dict[str, Any]], lowest: Version, below: Version) -> str:
    """The path of the newest released CPython in range, or an empty string."""
    fit = [
        (_number(python), python["path"])
        for python in pythons
        if python["implementation"] == "cpython"
        and python.get("variant", "default") == "default"  # packages have no wheels for free-threaded builds
        and python["version"].replace(".", "").isdigit()  # no alpha, no candidate
        and lowest <= _number(python)[:2] < below
    ]
    return max(fit)[1] if fit else ""


def _number(python: Dict[str, Any]) -> Tuple[int, int, int]:
    parts = python["version_parts"]
    return int(parts["major"]), int(parts["minor"]), int(parts["patch"])


def missing(lowest: Version, below: Version) -> Failure:
    wanted = f"{lowest[0]}.{lowest[1]}"
    upto = f"{below[0]}.{below[1] - 1}"
    span = wanted if wanted == upto else f"{wanted} to {upto}"
    return Failure(
        f"There is no Python {span} on this machine, and it could not be installed.",
        f"Install it (for instance `pyenv install {wanted}`, or your system's package python{wanted}), "
        "then repeat the command.",
    )
