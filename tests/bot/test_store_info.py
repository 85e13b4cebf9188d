"""Hours and places of shops that are not like the demo's: one branch, or none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.backoffice.database import Database
from actions.backoffice.import_shop import import_folder
from actions.backoffice.shop import Store
from actions.backoffice.sql import SqlShop
from actions.backoffice.wire import as_json
from actions.store_info import ActionStoreInfo
from tests.fakes.shop import Mishap, ShopServer

ONE_BRANCH = """\
name,phone,email,country,city,address,hours_es,hours_en
Mía,+57 1,hola@mia.example,CO,Cali,Calle 5 # 10-20,lunes a viernes de 9 a 18,Monday to Friday from 9 to 18
"""


def told(city: str | None = None) -> list[dict[str, Any]]:
    """What is said first, with what fills it."""
    entities = [{"entity": "city", "value": city}] if city else []
    message = {"text": "¿a qué hora abren?", "intent": {"name": "store_info"}, "entities": entities}
    tracker = Tracker("c1.1", {"language": "es"}, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    asyncio.run(ActionStoreInfo().run(dispatcher, tracker, {}))
    messages: list[dict[str, Any]] = dispatcher.messages
    return messages


def test_a_shop_with_one_branch_speaks_of_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store.csv").write_text(ONE_BRANCH, encoding="utf-8")
    url = f"sqlite:///{tmp_path}/shop.db"
    import_folder(Database(url), tmp_path)
    monkeypatch.setenv("SHOP_DATABASE_URL", url)
    monkeypatch.delenv("SHOP_URL", raising=False)
    (first, *_) = told()
    assert (first["response"], first["city"]) == ("utter_store_info_one", "Cali")


@pytest.mark.parametrize("city", [None, "Lima"])
def test_a_shop_that_sells_online_only_tells_how_to_reach_it(
    city: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    online = Store("Mía", "+57 1", "hola@mia.example", branches=())
    with ShopServer(SqlShop(Database(f"sqlite:///{tmp_path}/shop.db"))) as server:
        monkeypatch.setenv("SHOP_URL", server.url)
        monkeypatch.setenv("SHOP_TOKEN", server.token)
        server.mishaps = [Mishap(body=as_json(online).encode())]
        (first, *_) = told(city)
    assert (first["response"], first["phone"]) == ("utter_store_info_online", "+57 1")
