"""Finds a Chromium for the browser tests, or gets one: first without root, then, on Debian as root, from Debian."""

import os
import shutil
from typing import Dict, Optional

from scripts.commands import run
from scripts.failure import Failure
from scripts.layout import TOOLS, binary

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSERS = TOOLS / "browsers"


def path() -> Optional[str]:
    """The Chromium on PATH, or the one that we fetched, or None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = next((found for found in map(shutil.which, NAMES) if found), None)
    return on_path or _fetched()


def provide() -> bool:
    if path():
        return False
    try:
        run([binary("server", "playwright"), "install", "chromium"], "setup-chromium", 600, _environment())
    except Failure as failure:
        _install_from_debian(failure)
    return True


def _install_from_debian(failure: Failure) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failure(
            "The browser tests need a Chromium, and none could be downloaded.",
            "Install it (on Debian: `apt-get install chromium`), or name one: CHROMIUM=/path/to/chrome make test.",
        ) from failure
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-q"], "setup-apt-update", 300, quiet)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], "setup-chromium", 900, quiet)


def _fetched() -> Optional[str]:
    found = sorted(BROWSERS.glob("chromium-*/chrome-*/chrome"))
    return str(found[-1]) if found else None


def _environment() -> Dict[str, str]:
    return {**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)}
