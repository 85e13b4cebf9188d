"""The real assistant with a company's shop behind it, over HTTP: it works, and it says kindly when it does not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT, Assistant, free_port, start_rasa, texts, wait_for

from actions.backoffice.database import Database
from actions.backoffice.seed import seed
from actions.backoffice.sql import SqlShop
from tests.fakes.shop import Mishap, ShopServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ShopServer]:
    database = Database(f"sqlite:///{tmp_path}/company.db")
    seed(database, date.today())
    with ShopServer(SqlShop(database)) as server:
        yield server
    database.engine.dispose()


@pytest.fixture
def at_company(model: Path, environment: dict[str, str], server: ShopServer) -> Iterator[Assistant]:
    port = free_port()
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "-p", str(port)]
    with_shop = environment | {"SHOP_URL": server.url, "SHOP_TOKEN": server.token}
    actions = subprocess.Popen(command, cwd=ROOT, env=with_shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(f"http://127.0.0.1:{port}/health", actions)
    rasa, url = start_rasa(model, environment, port)
    yield Assistant(url)
    for process in (rasa, actions):
        process.terminate()
        process.wait(20)


def test_an_order_is_cancelled_in_the_company_s_shop_and_its_trouble_is_told(
    at_company: Assistant, server: ShopServer, sender: str
) -> None:
    at_company.say(sender, "quiero cancelar el pedido RX-4822")
    assert "¿Lo cancelo?" in texts(at_company.say(sender, "tomas@example.com"))
    done = at_company.say(sender, "/affirm")
    assert "cancelé el pedido RX-4822" in texts(done) and "$ 102.800 COP" in texts(done)
    assert server.shop.cancel("RX-4822", server.keys[-1]).state == "cancelled", "the key was that of the turn"

    server.mishaps = [Mishap(status=503)] * 20
    told = at_company.say(sender, "¿dónde está mi pedido?")
    assert "no logro entrar a nuestro sistema" in texts(told)
    assert told["report"]["skill"] == {"name": "order_status", "outcome": "unavailable"}
    server.mishaps = []
    assert "se canceló" in texts(at_company.say(sender, "¿dónde está mi pedido?"))


def test_a_shop_that_tells_no_name_still_tells_of_the_order(
    at_company: Assistant, server: ShopServer, sender: str
) -> None:
    at_company.say(sender, "¿dónde está mi pedido RX-4822?")
    server.mishaps = [Mishap(), *[Mishap(status=503)] * 2]
    told = at_company.say(sender, "tomas@example.com")
    assert server.heard == ["order", "customer", "customer", "order"] and server.mishaps == []
    assert told["report"]["skill"] == {"name": "order_status", "outcome": "found"}
    assert "verified_name" not in told["report"]["slots"]
