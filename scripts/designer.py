"""Hands over to the tools of conversation designers, which need the assistant's environment."""

import os
import sys

from scripts import settings
from scripts.layout import binary


def work(command: str) -> None:
    """Becomes `python -m designer <command>`: its exit code is ours."""
    sys.stdout.flush()
    python = binary("bot", "python")
    os.execve(python, [python, "-m", "designer", command], settings.load())  # noqa: S606  # our own program, no shell
