"""The commands of conversation designers: `python -m designer validate`. The Makefile is their face."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from designer.trouble import Trouble


def _test_nlu() -> int:
    from designer.examination import examine

    return examine(os.environ.get("FILE", ""))


def _validate() -> int:
    from designer.validation import validate

    return validate()


def _replay() -> int:
    from designer.replay_view import show

    return show(sys.stdin, os.environ.get("RULES", ""))


def _review() -> int:
    from designer.review import review

    decisions = os.environ.get("REVIEW")
    return review(Path(os.environ.get("LOG", "")), Path(decisions) if decisions else None)


COMMANDS: dict[str, Callable[[], int]] = {
    "validate": _validate,
    "test-nlu": _test_nlu,
    "review": _review,
    "replay": _replay,
}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"Usage: python -m designer {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        return COMMANDS[arguments[0]]()
    except Trouble as trouble:
        print("\n".join(trouble.problems), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
