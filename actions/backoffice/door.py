"""Which shop the assistant works for, from the environment."""

from __future__ import annotations

import os
from functools import lru_cache

from actions.backoffice.database import Database
from actions.backoffice.http import HttpShop
from actions.backoffice.shop import Shop
from actions.backoffice.sql import SqlShop
from actions.backoffice.tries import Tries


def database_url() -> str:
    return os.environ.get("SHOP_DATABASE_URL", "sqlite:///var/shop.db")


def shop() -> Shop:
    """The company's own when SHOP_URL is set, else the one in SHOP_DATABASE_URL."""
    url = os.environ.get("SHOP_URL")
    return _http(url, os.environ.get("SHOP_TOKEN", "")) if url else SqlShop(_database(database_url()))


def tries() -> Tries:
    """Wrong verifications are counted here, whatever shop there is."""
    return Tries(_database(database_url()))


@lru_cache
def _database(url: str) -> Database:
    """One for all actions: it holds the connections."""
    return Database(url)


@lru_cache
def _http(url: str, token: str) -> HttpShop:
    return HttpShop(url, token)
