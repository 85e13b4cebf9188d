"""The databases: the hub's schema, the demo shop, the demo people."""

from typing import Dict, List

from scripts.commands import run
from scripts.layout import ROOT, VAR, binary
from scripts.stamps import Stamp, digest


def migrate(settings: Dict[str, str]) -> bool:
    # Always asked: a database can be swapped behind our back, and Alembic answers within a second.
    run([*_hub(), "migrate"], "setup-database", limit=300, environment=settings)
    return True


def seed_people(settings: Dict[str, str]) -> str:
    """The demo log-ins, when they were made just now. Passwords are shown this once and must not stay in a log."""
    if settings["ENVIRONMENT"] == "production":
        return ""
    return run([*_hub(), "seed-demo"], "setup-people", limit=60, environment=settings, keep_log=False).strip()


def seed_shop(settings: Dict[str, str]) -> bool:
    url = settings["SHOP_DATABASE_URL"]
    stamp = Stamp(VAR / "shop.stamp", _file(url))
    current = digest([ROOT / "actions" / "backoffice"], url)
    if stamp.matches(current):
        return False
    run([binary("bot", "python"), "-m", "actions.backoffice.seed"], "setup-shop", limit=120, environment=settings)
    stamp.write(current)
    return True


def _hub() -> List[str]:
    return [binary("server", "python"), "-m", "handoff_server"]
