"""`make replay`: the hub's log, conversation by conversation, through a rules file that designers try."""

import os
import subprocess
from typing import Dict

from scripts.commands import end_group
from scripts.failure import Failure
from scripts.layout import binary

END_S = 10


def replay(settings: Dict[str, str]) -> int:
    """The replay's exit code. RULES names the file, LOG conversations that were exported elsewhere, DAYS how many days
    count. Nothing is kept: it is what customers wrote."""
    designer = [binary("bot", "python"), "-m", "designer", "replay"]
    if os.environ.get("LOG"):
        with open(os.environ["LOG"], encoding="utf-8") as log:
            return subprocess.call(designer, stdin=log, env=settings)
    export = [binary("server", "python"), "-m", "handoff_server", "export-conversations"]
    command = [*export, "--days", os.environ.get("DAYS", "30")]
    exporting = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, start_new_session=True)
    try:
        code = subprocess.call(designer, stdin=exporting.stdout, env=settings)
        if exporting.wait(END_S) and not code:
            raise Failure("The conversations could not be exported.", "The line above tells why; then replay again.")
        return code
    finally:
        if exporting.stdout:
            exporting.stdout.close()
        end_group(exporting, END_S)
