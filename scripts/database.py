"""The databases: the hub's schema, the demo people, the demo shop."""

from datetime import date
from pathlib import Path
from typing import Dict, List

from scripts.commands import run
from scripts.layout import ROOT, VAR, binary
from scripts.stamps import Stamp, digest

SQLITE = "sqlite:///"


def migrate(settings: Dict[str, str]) -> bool:
    """Brings the hub's database to the newest schema."""
    file = _file(settings["DATABASE_URL"])
    stamp = Stamp(VAR / "database.stamp", file)
    if stamp.matches(_schema(file)):
        return False
    run([*_hub(), "migrate"], "setup-database", limit=300, environment=settings)
    stamp.write(_schema(file))
    return True


def seed_people(settings: Dict[str, str]) -> str:
    """The demo log-ins, when they were made just now. Passwords are shown this once and stay in no log."""
    file = _file(settings["DATABASE_URL"])
    stamp = Stamp(VAR / "people.stamp", file)
    if stamp.matches(_people(file)):
        return ""
    log_ins = run([*_hub(), "seed-demo"], None, limit=60, environment=settings).strip()
    stamp.write(_people(file))
    return log_ins


def seed_shop(settings: Dict[str, str]) -> bool:
    """Fills the demo shop, once a day: its orders' dates lie around today."""
    file = _file(settings["SHOP_DATABASE_URL"])
    stamp = Stamp(VAR / "shop.stamp", file)
    if stamp.matches(_shop(file)):
        return False
    run([binary("bot", "python"), "-m", "actions.backoffice.seed"], "setup-shop", limit=120, environment=settings)
    stamp.write(_shop(file))
    return True


def _schema(file: Path) -> str:
    return digest([ROOT / "handoff_server" / "migrations", ROOT / "handoff_server" / "tables"], _identity(file))


def _people(file: Path) -> str:
    return digest([ROOT / "handoff_server" / name for name in ("demo.py", "demo_replies.py")], _identity(file))


def _shop(file: Path) -> str:
    return digest([ROOT / "actions" / "backoffice"], _identity(file), str(date.today()))


def _file(url: str) -> Path:
    """SQLite's file. Other databases have none: a path that never exists, so that they are asked at every start."""
    if not url.startswith(SQLITE):
        return VAR / "no-file"
    return ROOT / url[len(SQLITE) :]


def _identity(file: Path) -> str:
    """Another file under the same name, such as a restored backup, is another database."""
    return f"{file}:{file.stat().st_ino}" if file.exists() else "none"


def _hub() -> List[str]:
    return [binary("server", "python"), "-m", "handoff_server"]
