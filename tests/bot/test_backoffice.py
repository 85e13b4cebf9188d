"""The shop's door, over SQL and over HTTP: what may be done with an order, and that it is done once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from actions.backoffice.database import Database
from actions.backoffice.http import HttpShop
from actions.backoffice.money import Money, written
from actions.backoffice.seed import seed
from actions.backoffice.shop import KeyConflict, NotPossible, Shop
from actions.backoffice.sql import SqlShop
from actions.backoffice.tables import password_resets
from tests.fakes.shop import ShopServer

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("shop") / "seeded.db"
    database = Database(f"sqlite:///{file}")
    seed(database, TODAY)
    database.engine.dispose()
    return file


@pytest.fixture
def database(seeded: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{shutil.copy(seeded, tmp_path)}")
    yield database
    database.engine.dispose()


@pytest.fixture(params=["sql", "http"])
def shop(database: Database, request: pytest.FixtureRequest) -> Iterator[Shop]:
    sql = SqlShop(database, today=lambda: TODAY)
    if request.param == "sql":
        yield sql
        return
    with ShopServer(sql) as server:
        yield HttpShop(server.url, server.token)


def refused(change: Callable[..., object], *arguments: object) -> str:
    """The code of the refusal."""
    with pytest.raises(NotPossible) as caught:
        change(*arguments, "a new key")
    return caught.value.code


def test_an_order_is_found_only_with_the_email_that_bought_it(shop: Shop) -> None:
    found = shop.order("rx-4821", " Elena@Example.com ")
    assert found is not None and (found.state, found.date) == ("shipped", date(2026, 3, 4))
    assert shop.order("RX-4821", "ana@example.com") is None and shop.order("XX-0000", "elena@example.com") is None


def test_an_order_comes_with_all_that_belongs_to_it(shop: Shop) -> None:
    order, customer = shop.order("MX-7303", "rodrigo@example.com"), shop.customer("Rodrigo@example.com")
    assert order and order.vip and customer and customer.vip and shop.customer("nobody@example.com") is None
    assert [(item.sku, item.quantity) for item in order.items] == [("CHA-PL", 1), ("GUA-PO", 1)]
    assert order.total.amount == sum(item.price.amount for item in order.items), "free shipping from 1 500 pesos"
    assert order.payment and order.payment.amount == order.total and order.total_usd > 100


@pytest.mark.parametrize(
    ("number", "email", "refusals"),
    [
        ("RX-4822", "tomas@example.com", {"request_return": "not_delivered"}),
        (
            "AR-2043",
            "lucia@example.com",
            {"cancel": "already_delivered", "change_address": "already_delivered", "request_return": "too_late"},
        ),
        ("PE-5121", "carlos@example.com", {"request_return": "not_delivered", "invoice": "not_paid"}),
    ],
)
def test_an_order_tells_beforehand_what_would_be_refused(
    shop: Shop, number: str, email: str, refusals: dict[str, str]
) -> None:
    order = shop.order(number, email)
    assert order and order.refusals == refusals


def test_a_cancelled_order_gives_back_what_was_paid(shop: Shop) -> None:
    before = shop.order("RX-4822", "tomas@example.com")
    cancelled = shop.cancel("RX-4822", "t-1 cancel")
    refund = shop.refund("RX-4822")
    assert before and refund and (cancelled.state, cancelled.date) == ("cancelled", TODAY)
    assert (refund.amount, refund.state, refund.method) == (before.total, "approved", "PSE")
    assert refund.expected == date(2026, 3, 16), "ten working days"


def test_an_order_that_was_not_paid_is_cancelled_without_a_refund(shop: Shop) -> None:
    assert shop.cancel("PE-5121", "t-1 cancel").state == "cancelled" and shop.refund("PE-5121") is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("RX-4821", "already_shipped"),
        ("QM-1908", "already_delivered"),
        ("TL-3355", "already_cancelled"),
        ("XX-0000", "no_order"),
    ],
)
def test_what_has_left_is_neither_cancelled_nor_sent_elsewhere(shop: Shop, number: str, code: str) -> None:
    assert refused(shop.cancel, number) == code
    assert refused(shop.change_address, number, "Calle 1 # 2-3", "Bogotá") == code


def test_an_address_changes_within_the_country_only(shop: Shop) -> None:
    moved = shop.change_address("RX-4822", "Calle 9 # 4-12", "cali", "t-1 address")
    assert (moved.address, moved.city) == ("Calle 9 # 4-12", "Cali")
    assert shop.order("RX-4822", "tomas@example.com") == moved
    assert refused(shop.change_address, "RX-4822", "Av. Larco 100", "Lima") == "not_delivered_there"
    assert shop.change_address("RX-4822", "Vereda Alta", "Guatapé", "t-2 address").city == "Guatapé"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("RX-4822", "not_shipped"),
        ("RX-4821", "not_delivered"),
        ("AR-2043", "too_late"),
        ("PE-5121", "not_paid"),
        ("TL-3355", "already_done"),
        ("CO-8804", "already_done"),
    ],
)
def test_a_refund_that_is_not_due_is_refused(shop: Shop, number: str, code: str) -> None:
    assert refused(shop.request_refund, number, "quiero mi dinero") == code


def test_the_refund_of_something_delivered_is_looked_at_first(shop: Shop) -> None:
    asked = shop.request_refund("QM-1908", "no enciende", "t-1 refund")
    assert asked.state == "requested" and shop.refund("QM-1908") == asked


def test_a_return_gets_a_label_and_a_day_once_for_each_item(shop: Shop) -> None:
    made = shop.request_return("EC-4410", "PAN-TR", "exchange", "me queda chico", "talla L", "t-1 return")
    assert made.label.startswith("DV-") and made.hand_in_by == TODAY + timedelta(days=14)
    assert (made.item, made.carrier) == ("Pantalón de trekking Ruta", "Andes Express")
    assert shop.return_of("EC-4410") == made
    assert refused(shop.request_return, "EC-4410", "PAN-TR", "return", "ya no", None) == "already_done"
    assert refused(shop.request_return, "EC-4410", "MOC-28", "return", "ya no", None) == "no_item"
    assert shop.request_return("EC-4410", "CAM-TE", "return", "no me gustó", None, "t-2 return").kind == "return"


@pytest.mark.parametrize(
    ("number", "sku", "code"),
    [
        ("RX-4821", "MOC-28", "not_delivered"),
        ("AR-2043", "PAN-TR", "too_late"),
        ("PE-5123", "EST-GA", "already_done"),
        ("TL-3355", "CAR-R2", "already_cancelled"),
    ],
)
def test_a_return_that_is_not_possible_is_refused(shop: Shop, number: str, sku: str, code: str) -> None:
    assert refused(shop.request_return, number, sku, "return", "no me gustó", None) == code


def test_the_last_day_for_a_return_is_the_thirtieth(database: Database) -> None:
    delivered = TODAY - timedelta(days=3)
    on_day = [SqlShop(database, today=lambda days=days: delivered + timedelta(days=days)) for days in (30, 31)]  # type: ignore[misc]
    assert on_day[0].request_return("QM-1908", "LIN-FA", "return", "no", None, "t-1").kind == "return"
    assert refused(on_day[1].request_refund, "QM-1908", "no") == "too_late"


def test_an_invoice_is_issued_once_and_only_for_what_was_paid(shop: Shop) -> None:
    issued = shop.invoice("RX-4822", "1020304050", "Tomás Arango", "t-1 invoice")
    assert issued.total == Money(Decimal("102800"), "COP") and shop.invoice_of("RX-4822") == issued
    assert refused(shop.invoice, "RX-4822", "1", "Otro") == "already_done"
    assert refused(shop.invoice, "PE-5121", "1", "Carlos") == "not_paid"
    assert refused(shop.invoice, "TL-3355", "1", "Diego") == "already_cancelled"


def test_an_order_that_waits_for_money_gets_a_page_to_pay_on(shop: Shop) -> None:
    first, second = shop.payment_link("PE-5121", "t-1 link"), shop.payment_link("PE-5121", "t-2 link")
    assert first.startswith("https://") and first != second == shop.payment_link("PE-5121", "t-2 link")
    assert refused(shop.payment_link, "RX-4822") == "already_paid"
    assert refused(shop.payment_link, "CL-6613") == "already_cancelled"


def test_a_password_reset_tells_nobody_who_has_an_account(shop: Shop, database: Database) -> None:
    for email in ("Elena@example.com", "nobody@example.com", "elena@example.com"):
        shop.request_password_reset(email)
    with database.read() as connection:
        assert connection.execute(sa.select(password_resets)).all() == [("elena@example.com", TODAY)]


def test_a_key_that_is_repeated_gives_the_first_answer_and_another_wish_is_a_conflict(shop: Shop) -> None:
    first = shop.cancel("RX-4822", "t-1 cancel")
    assert shop.cancel("rx-4822", "t-1 cancel") == first
    with pytest.raises(KeyConflict):
        shop.cancel("TL-3356", "t-1 cancel")
    with pytest.raises(KeyConflict):
        shop.request_refund("RX-4822", "otro", "t-1 cancel")
    assert refused(shop.cancel, "RX-4822") == "already_cancelled"


def test_of_two_cancels_at_once_one_is_told_that_it_is_done(database: Database) -> None:
    outcomes = at_once(database, lambda shop, number: shop.cancel("RX-4822", f"t-{number}").state)
    assert sorted(outcomes) == ["already_cancelled"] * 3 + ["cancelled"]


def test_the_same_key_at_once_changes_once_and_both_hear_the_same(database: Database) -> None:
    outcomes = at_once(database, lambda shop, _: shop.payment_link("PE-5121", "t-1 link"))
    assert len(set(outcomes)) == 1 and outcomes[0].startswith("https://")


def at_once(database: Database, change: Callable[[Shop, int], str]) -> list[str]:
    """What four callers hear, each with a database of its own as separate processes have."""

    def call(number: int) -> str:
        own = Database(str(database.engine.url))
        try:
            return change(SqlShop(own, today=lambda: TODAY), number)
        except NotPossible as error:
            return error.code
        finally:
            own.engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(call, range(4)))


# what is the same for everybody


@pytest.mark.parametrize(
    ("place", "city", "days"),
    [
        ("bogota", "Bogotá", (1, 2)),
        ("CDMX", "Ciudad de México", (4, 6)),
        ("NYC", "New York", (6, 9)),
        ("peru", "Perú", (5, 8)),
    ],
)
def test_a_place_is_found_by_the_names_that_people_give_it(
    shop: Shop, place: str, city: str, days: tuple[int, int]
) -> None:
    found = shop.delivery(place)
    assert found and (found.city, (found.days_from, found.days_to)) == (city, days)


def test_a_place_that_nobody_knows_is_not_guessed(shop: Shop) -> None:
    assert shop.delivery("Atlantis") is None and shop.delivery("") is None


@pytest.mark.parametrize(
    ("query", "language", "names"),
    [
        ("¿cuánto cuesta la mochila Sendero?", "es", ["Mochila Sendero 28 L"]),
        ("do you have the cumbre jacket in red", "en", ["Cumbre trail jacket"]),
        ("carpas", "es", ["Carpa Refugio para dos", "Carpa Familia para cuatro"]),
        ("sleeping bag", "es", ["Saco de dormir Valle 10 °C", "Saco de dormir Páramo \N{MINUS SIGN}5 °C"]),
        ("pizza", "es", []),
        ("", "es", []),
    ],
)
def test_products_are_found_by_their_words_in_either_language(
    shop: Shop, query: str, language: str, names: list[str]
) -> None:
    assert sorted(one.name for one in shop.products(query, language)) == sorted(names)


def test_a_product_tells_prices_sizes_and_colours(shop: Shop) -> None:
    jacket = shop.products("chaqueta cumbre", "es")[0]
    assert jacket.prices["CO"] == Money(Decimal("329900"), "COP") and jacket.prices["PE"].currency == "PEN"
    assert jacket.sizes == {"S": 6, "M": 9, "L": 4, "XL": 0} and jacket.stock == 19
    assert jacket.colours == ("azul", "rojo", "negro") and jacket.warranty_months == 12


def test_each_country_has_its_ways_to_pay_and_the_store_its_branches(shop: Shop) -> None:
    assert {one.name for one in shop.payment_methods("MX", "es")} >= {"OXXO Pay", "SPEI"}
    assert shop.payment_methods("FR", "es") == []
    store = shop.store("en")
    main = store.branches[0]
    assert main.address == "Avenida de los Cerezos 418" and "Monday" in main.hours
    assert [one.city for one in store.branches] == ["Bogotá", "Medellín", "Ciudad de México", "Santiago"]


@pytest.mark.parametrize(
    ("query", "language", "words"),
    [
        ("como lavo la chaqueta", "es", "agua fría"),
        ("HACEN REPARACIONES?", "es", "reparamos cierres"),
        ("¿alquilan carpas?", "es", "no alquilamos"),
        ("tienen algun descuento", "es", "10 %"),
        ("hola, quisiera saber qué cubre la garantía, por favor", "es", "defectos de fábrica"),
        ("¿tengo que pagar impuestos de aduana?", "es", "ya incluye impuestos"),
        ("do you gift wrap", "en", "no cost"),
        ("can i wash my down sleeping bag?", "en", "tennis balls"),
        ("do u have a size guide", "en", "chest"),
    ],
)
def test_a_frequent_question_is_found_however_it_is_asked(shop: Shop, query: str, language: str, words: str) -> None:
    assert words in (shop.faq(query, language) or "")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "👍",
        "quiero una pizza",
        "¿la mochila es roja?",
        "me cobraron dos veces",
        "¿dónde está mi carpa?",
        "tienen chaquetas?",
        "do you sell jackets",
        "precio del saco de dormir",
        "tell me a joke",
    ],
)
def test_a_question_that_is_not_known_gets_no_answer(shop: Shop, query: str) -> None:
    assert shop.faq(query, "es") is None and shop.faq(query, "en") is None


@pytest.mark.parametrize(
    ("amount", "currency", "es", "en"),
    [
        ("249900", "COP", "$ 249.900 COP", "COP 249,900"),
        ("1299.5", "MXN", "$ 1,299.50 MXN", "MXN 1,299.50"),
        ("91900", "ARS", "$ 91.900 ARS", "ARS 91,900"),
        ("59990", "CLP", "$ 59.990 CLP", "CLP 59,990"),
        ("1229.90", "PEN", "S/ 1,229.90", "PEN 1,229.90"),
        ("66.90", "USD", "US$ 66,90", "USD 66.90"),
        ("12.345", "EUR", "12,35 EUR", "EUR 12.35"),
    ],
)
def test_sums_are_written_as_people_of_the_country_write_them(amount: str, currency: str, es: str, en: str) -> None:
    money = Money(Decimal(amount), currency)
    assert (written(money, "es"), written(money, "en")) == (es, en)
