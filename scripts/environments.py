"""The two virtual environments, made by a private uv from hashed locks: Rasa needs Python 3.10 and old pins."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import List

from scripts import pythons
from scripts.commands import run
from scripts.layout import REQUIREMENTS, TOOLS, venv
from scripts.stamps import Stamp, digest


@dataclass(frozen=True)
class Environment:
    name: str
    lowest: pythons.Version
    below: pythons.Version

    @property
    def lock(self) -> Path:
        return REQUIREMENTS / f"{self.name}.txt"


BOT = Environment("bot", (3, 10), (3, 11))
SERVER = Environment("server", (3, 11), (3, 15))


def uv() -> str:
    """The path of uv: the one that the variable UV names, else our own."""
    return os.environ.get("UV") or str(TOOLS / "uv" / "bin" / "uv")


def make_uv() -> bool:
    if os.environ.get("UV"):
        return False
    home, lock = TOOLS / "uv", REQUIREMENTS / "uv.txt"
    stamp, current = Stamp(TOOLS / "uv.stamp", home / "bin" / "uv"), digest([lock])
    if stamp.matches(current):
        return False
    # A system's python3 may lack venv (Debian's python3-venv); the failure shows Debian's own advice.
    run([sys.executable, "-m", "venv", "--clear", str(home)], "setup-uv", limit=120)
    pip = [str(home / "bin" / "pip"), "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, "--require-hashes", "-r", str(lock)], "setup-uv", limit=300)
    stamp.write(current)
    return True


def make(environment: Environment) -> bool:
    home = venv(environment.name)
    stamp = Stamp(home / "relevo.stamp", home / "bin" / "python")
    current = digest([environment.lock])
    if stamp.matches(current):
        return False
    log = f"setup-{environment.name}"
    if not _usable(home):
        shutil.rmtree(home, ignore_errors=True)
        python = pythons.find(uv(), environment.lowest, environment.below)
        run([uv(), "venv", "--quiet", "--python", python, str(home)], log, environment=pythons.search_environment())
    run(_sync(home, environment.lock), log, limit=1500, environment=pythons.search_environment())
    stamp.write(current)
    return True


def _usable(home: Path) -> bool:
    # A link to a Python that has since been removed exists as a link, but leads nowhere.
    return (home / "bin" / "python").exists()


def _sync(home: Path, lock: Path) -> List[str]:
    """`sync` installs exactly the lock and resolves nothing, so overridden pins (TensorFlow's) stand."""
    return [uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", str(home / "bin" / "python"), str(lock)]


def lock_all() -> None:
    """Renews the locks. Without index addresses, and for every platform at once."""
    _compile("uv", "3.9")
    _compile("server", "3.11")
    _compile("bot", "3.10", "--override", "requirements/bot.overrides")


def _compile(name: str, python: str, *further: str) -> None:
    options = ["--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-header", "--upgrade"]
    command = [uv(), "pip", "compile", *options, "--python-version", python, *further]
    run([*command, f"requirements/{name}.in", "-o", f"requirements/{name}.txt"], f"lock-{name}", limit=600)
