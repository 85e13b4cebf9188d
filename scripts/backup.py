"""`make backup [TO=folder]`: the databases of hub, assistant and shop, and the files, copied while everything runs."""

import time
from pathlib import Path
from typing import Dict, List, Optional

from scripts.commands import run
from scripts.failure import Failure
from scripts.layout import ROOT, VAR, binary, shown

SQLITE = "sqlite:///"


def files(settings: Dict[str, str]) -> Dict[str, Optional[Path]]:
    """Whose database → its SQLite file; None for one that is not in a file."""
    return {
        "hub": file_of(settings["DATABASE_URL"]),
        "trackers": ROOT / settings["RASA_TRACKER_DB"],
        "shop": file_of(settings["SHOP_DATABASE_URL"]),
    }


def file_of(url: str) -> Optional[Path]:
    return ROOT / url[len(SQLITE) :] if url.startswith(SQLITE) else None


def back_up(settings: Dict[str, str], to: str) -> None:
    """Makes the backup and tells where it is and what is not in it."""
    folder = ROOT / to if to else VAR / "backups" / time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    here = {what: file for what, file in files(settings).items() if file and file.exists()}
    if not here:
        raise Failure("There is no database to back up yet.", "Start Relevo once with `make run`.")
    run([*_command(here), "--to", str(folder)], "backup", limit=3600, environment=settings)
    print(f"Backup in {shown(folder)}: {', '.join(sorted(here))}.")
    for what in sorted(set(files(settings)) - set(here)):
        print(f"Not in it: {what} ({'no such file yet' if files(settings)[what] else 'not SQLite; use pg_dump'}).")
    print("It holds what customers said, but no service tokens and no .env: docs/operations.md.")


def _command(here: Dict[str, Path]) -> List[str]:
    command = [binary("server", "python"), "-m", "handoff_server", "backup"]
    return command + [f"--only={what}={file}" for what, file in here.items()]
