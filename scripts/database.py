"""The databases: the hub's schema, the demo shop, the demo people."""

from typing import Dict, List

from scripts.commands import run
from scripts.layout import binary


def migrate(settings: Dict[str, str]) -> bool:
    # Always asked: a database can be swapped behind our back, and Alembic answers within a second.
    run([*_hub(), "migrate"], "setup-database", limit=300, environment=settings)
    return True


def seed_people(settings: Dict[str, str]) -> str:
    """The demo log-ins, when they were made just now. Passwords are shown this once and stay in no log."""
    return run([*_hub(), "seed-demo"], None, limit=60, environment=settings).strip()


def seed_shop(settings: Dict[str, str]) -> bool:
    # Always done: it moves the demo orders' dates to around today.
    run([binary("bot", "python"), "-m", "actions.backoffice.seed"], "setup-shop", limit=120, environment=settings)
    return True


def _hub() -> List[str]:
    return [binary("server", "python"), "-m", "handoff_server"]
