"""`make review`: takes the conversations out of the hub's log and hands them to the designers' review."""

import os
import subprocess
import tempfile
from typing import Dict

from scripts.failure import Failure
from scripts.layout import binary

EXPORT_LIMIT_S = 600


def review(settings: Dict[str, str]) -> int:
    """The review's exit code. LOG names conversations that were exported elsewhere; DAYS how many days count."""
    designer = [binary("bot", "python"), "-m", "designer", "review"]
    if os.environ.get("LOG"):
        return subprocess.call(designer, env=settings)
    # For us alone, and only for as long as the review lasts: it is what customers wrote.
    with tempfile.NamedTemporaryFile(prefix="relevo-review-", suffix=".jsonl") as exported:
        export = [binary("server", "python"), "-m", "handoff_server", "export-conversations"]
        days = os.environ.get("DAYS", "30")
        done = subprocess.run(
            [*export, "--days", days],
            env=settings,
            stdout=exported,
            stderr=subprocess.PIPE,
            text=True,
            timeout=EXPORT_LIMIT_S,
            check=False,
        )
        if done.returncode:
            raise Failure(
                f"The conversations cannot be exported: {done.stderr.strip()}", "Mend that, then review again."
            )
        return subprocess.call(designer, env={**settings, "LOG": exported.name})
