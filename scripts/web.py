"""Builds the console, the widget, the demo shop page and the page of the HTTP interface, with Node from PyPI."""

import os
from typing import Dict, List

from scripts.commands import run
from scripts.layout import ROOT, WEB, binary, venv
from scripts.stamps import Stamp, digest


def node_environment() -> Dict[str, str]:
    """Our Node comes first on PATH, since npm's scripts call whatever `node` is first."""
    return {**os.environ, "PATH": os.pathsep.join([str(venv("server") / "bin"), os.environ.get("PATH", "")])}


def npm(*arguments: str) -> List[str]:
    return [binary("server", "npm"), *arguments]


def install() -> bool:
    """Installs the packages of the lock file, when it has changed."""
    modules = WEB / "node_modules"
    stamp = Stamp(modules / "relevo.stamp", modules)
    current = digest([WEB / "package-lock.json"])
    if stamp.matches(current):
        return False
    run(npm("ci"), "setup-npm", limit=600, environment=node_environment(), folder=WEB)
    stamp.write(current)
    return True


def build() -> bool:
    dist = WEB / "dist"
    stamp = Stamp(dist / "relevo.stamp", dist)
    # The page of the HTTP interface and the wire's types may be made from the contract.
    current = digest([WEB, ROOT / "handoff_server" / "contract"])
    if stamp.matches(current):
        return False
    install()
    run(npm("run", "build"), "setup-web", limit=600, environment=node_environment(), folder=WEB)
    stamp.write(current)
    return True
