"""A Chromium for the browser tests: the one that is there, else Playwright's, else (as root on Debian) the system's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Path of a Chromium; None when there is none."""
    given = os.environ.get("CHROMIUM")
    on_path = next((path for path in map(shutil.which, NAMES) if path), None)
    return given or on_path or _of_playwright()


def _of_playwright() -> str | None:
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Exception:  # a Playwright that cannot start is as good as none; `main` says what to do
        return None
    return path if Path(path).exists() else None


def main() -> int:
    if find():
        return 0
    print("fetching a browser for the tests …", flush=True)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, capture_output=True)
    if not find() and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"check": False, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update"], **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"], **quiet)  # type: ignore[call-overload]
    if find():
        return 0
    print("No Chromium was found. Install one, or name it: CHROMIUM=/path/to/chromium make test", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
