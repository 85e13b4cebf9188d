"""The shop over HTTP when it misbehaves: every trouble is ShopUnavailable in time, and no change is sent twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from actions.backoffice import door, http
from actions.backoffice.database import Database
from actions.backoffice.http import MAX_ANSWER, HttpShop
from actions.backoffice.seed import seed
from actions.backoffice.shop import NotPossible, ShopUnavailable
from actions.backoffice.sql import SqlShop
from tests.fakes.shop import Mishap, ShopServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ShopServer]:
    database = Database(f"sqlite:///{tmp_path}/shop.db")
    seed(database, date.today())
    with ShopServer(SqlShop(database)) as server:
        yield server
    database.engine.dispose()


@pytest.fixture
def shop(server: ShopServer) -> HttpShop:
    return HttpShop(server.url, server.token)


@pytest.mark.parametrize("mishap", [Mishap(status=500), Mishap(status=503), Mishap(status=429)])
def test_a_question_is_asked_again_after_a_passing_trouble(server: ShopServer, shop: HttpShop, mishap: Mishap) -> None:
    server.mishaps = [mishap]
    assert shop.order("RX-4821", "elena@example.com")
    assert server.heard == ["order", "order"]


def test_a_trouble_that_lasts_is_told_after_the_second_attempt(server: ShopServer, shop: HttpShop) -> None:
    server.mishaps = [Mishap(status=500)] * 5
    with pytest.raises(ShopUnavailable, match="order: the shop answered 500"):
        shop.order("RX-4821", "elena@example.com")
    assert server.heard == ["order", "order"]


def test_a_change_is_never_sent_twice_by_itself_and_its_key_makes_a_second_one_safe(
    server: ShopServer, shop: HttpShop
) -> None:
    server.mishaps = [Mishap(status=500, done=True)]
    with pytest.raises(ShopUnavailable):
        shop.cancel("RX-4822", "t-1 cancel")
    assert server.heard == ["cancel"]
    assert shop.cancel("RX-4822", "t-1 cancel").state == "cancelled"


@pytest.mark.parametrize("mishap", [Mishap(seconds=0.6), Mishap(drip=0.05)])
def test_a_shop_that_is_slow_or_drips_is_not_waited_for(
    server: ShopServer, shop: HttpShop, mishap: Mishap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.3)
    server.mishaps = [mishap] * 2
    with pytest.raises(ShopUnavailable):
        shop.order("RX-4821", "elena@example.com")
    assert len(server.heard) == 1, "there was no time left for a second attempt"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<html>maintenance</html>", "not JSON"),
        (b'{"number": "RX-4821"', "not JSON"),
        (b'{"number": "RX-4821"}', "missing 14 required positional arguments: 'email'"),
        (b"[]", "as docs/backoffice.md says"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"' + b"x" * MAX_ANSWER + b'"', "larger than"),
    ],
    ids=["html", "cut off", "a part", "another type", "no text", "nested", "large"],
)
def test_an_answer_that_is_not_one_is_refused_with_the_place(
    server: ShopServer, shop: HttpShop, body: bytes, says: str
) -> None:
    server.mishaps = [Mishap(body=body)] * 2
    with pytest.raises(ShopUnavailable, match=says):
        shop.order("RX-4821", "elena@example.com")


def test_no_value_of_a_customer_stands_in_the_trouble(server: ShopServer, shop: HttpShop) -> None:
    store = {"name": ["secret"], "phone": {"secret": 1}, "email": "e", "branches": []}
    server.mishaps = [Mishap(body=json.dumps(store).encode())]
    with pytest.raises(ShopUnavailable, match="name str type expected; phone str type expected") as caught:
        shop.store("es")
    assert "secret" not in str(caught.value)


def test_a_wrong_token_is_told_with_the_setting(server: ShopServer) -> None:
    with pytest.raises(ShopUnavailable, match="SHOP_TOKEN"):
        HttpShop(server.url, "forged").store("es")
    assert server.heard == ["store"], "asking again would not help"


def test_a_wrong_address_is_told_with_the_setting(server: ShopServer) -> None:
    with pytest.raises(ShopUnavailable, match="SHOP_URL"):
        HttpShop(f"{server.url}/elsewhere", server.token).store("es")


def test_nobody_at_the_address_is_told_at_once() -> None:
    with pytest.raises(ShopUnavailable, match="store: ConnectionError"):
        HttpShop("http://127.0.0.1:9", "token").store("es")


def test_the_token_follows_no_redirect(server: ShopServer, shop: HttpShop) -> None:
    server.mishaps = [Mishap(status=307, headers={"Location": f"{server.url}/order"})] * 2
    with pytest.raises(ShopUnavailable, match="307"):
        shop.store("es")
    assert server.heard == ["store", "store"]


def test_a_shop_that_overlooks_the_email_opens_no_order(server: ShopServer, shop: HttpShop) -> None:
    careless = SqlShop.order
    order = server.shop.order("RX-4821", "elena@example.com")
    try:
        SqlShop.order = lambda *_, **__: order  # type: ignore[method-assign]
        assert shop.order("RX-4821", "stranger@example.com") is None
        assert shop.order("RX-4821", "Elena@example.com ") == order
    finally:
        SqlShop.order = careless  # type: ignore[method-assign]


@pytest.mark.parametrize("body", [b"{}", b'{"error": "too_late"}', b"oops"])
def test_a_refusal_without_a_code_is_no_refusal(server: ShopServer, shop: HttpShop, body: bytes) -> None:
    server.mishaps = [Mishap(status=409, body=body)]
    with pytest.raises(ShopUnavailable, match=r"without error\.code"):
        shop.cancel("RX-4821", "t-1 cancel")


def test_a_refusal_of_the_shop_s_own_keeps_its_code(server: ShopServer, shop: HttpShop) -> None:
    server.mishaps = [Mishap(status=409, body=b'{"error": {"code": "not_on_sundays"}}')]
    with pytest.raises(NotPossible, match="not_on_sundays"):
        shop.cancel("RX-4821", "t-1 cancel")


def test_the_setting_chooses_the_shop(server: ShopServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_URL", server.url)
    monkeypatch.setenv("SHOP_TOKEN", server.token)
    assert door.shop().store("es").name == "Nevada Viva" and server.heard == ["store"]
    monkeypatch.delenv("SHOP_URL")
    assert isinstance(door.shop(), SqlShop)
