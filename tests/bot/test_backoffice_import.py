"""A company's own files: what is right replaces the demo's, and one wrong cell keeps everything as it was."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from actions.backoffice.database import Database
from actions.backoffice.import_shop import import_folder, main
from actions.backoffice.money import Money
from actions.backoffice.seed import DEMO, seed
from actions.backoffice.sql import SqlShop
from actions.backoffice.table_file import Unusable

PRODUCTS = """sku,name_es,name_en,detail_es,detail_en,colours_es,colours_en,stock,price_PE_PEN,price_UY_UYU
CAF-1,Café de altura 250 g,Highland coffee 250 g,"Molido, tueste medio","Ground, medium roast",,,40,32.50,590
TAZ-2,Taza de barro,Clay mug,Hecha a mano,Hand made,rojo|negro,red|black,S:3 L:0,18,330
"""
STORE = (
    "name,phone,email,country,city,address,hours_es,hours_en\nMía,+51 1,a@example.com,PE,Lima,C 2,de 8 a 12,8 to 12\n"
)
FAQ = """
- questions_es: ["¿El café es orgánico?", "¿Tienen café orgánico?"]
  questions_en: ["Is the coffee organic?"]
  answer_es: "Sí, con certificado de tres cooperativas."
  answer_en: "Yes, certified by three cooperatives."
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/shop.db")
    seed(database, date(2026, 3, 2))
    yield database
    database.engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    return tmp_path / "own"


def test_products_and_questions_of_a_company_replace_the_demo_s(database: Database, folder: Path) -> None:
    (folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
    (folder / "faq.yml").write_text(FAQ, encoding="utf-8")
    assert import_folder(database, folder) == {"faq": 1, "products": 2}
    shop = SqlShop(database)
    coffee, mug = shop.products("café", "es")[0], shop.products("mug", "en")[0]
    assert coffee.prices == {"PE": Money(Decimal("32.50"), "PEN"), "UY": Money(Decimal("590"), "UYU")}
    assert (mug.sizes, mug.stock, mug.colours) == ({"S": 3, "L": 0}, 3, ("red", "black"))
    assert shop.products("mochila", "es") == [], "the demo's are gone"
    assert shop.faq("es organico el cafe?", "es") == "Sí, con certificado de tres cooperativas."
    assert shop.delivery("Lima"), "what was not brought is as before"


def test_the_demo_s_own_files_can_be_imported(database: Database) -> None:
    assert import_folder(database, DEMO)["products"] >= 25


def test_a_table_may_be_yaml_or_a_spreadsheet_s_csv_with_semicolons(database: Database, folder: Path) -> None:
    (folder / "store.csv").write_bytes(b"\xef\xbb\xbf" + STORE.replace(",", ";").replace("\n", "\r\n").encode())
    (folder / "deliveries.yml").write_text(
        "- {country: UY, city: Montevideo, also: [MVD], days_from: 1, days_to: 2, currency: UYU, cost: 190}\n"
    )
    import_folder(database, folder)
    shop = SqlShop(database)
    delivery = shop.delivery("mvd")
    assert shop.store("es").name == "Mía"
    assert delivery and delivery.cost == Money(Decimal("190"), "UYU") and delivery.express_cost is None


HEAD = "country,city,also,days_from,days_to,currency,cost,free_from,express_days,express_cost\n"
BAD = {
    "an amount with thousands": (
        "deliveries.csv",
        HEAD + "CO,Bogotá,,1,2,COP,9900,,,\nCO,Cali,,1,2,COP,12.900,,,\n",
        "deliveries.csv, line 3: cost is '12.900'. Write the amount with digits only, and a point before cents: 2499",
    ),
    "a missing value": (
        "deliveries.csv",
        HEAD + "CO,,,1,2,COP,9900,,,\n",
        "deliveries.csv, line 2: city is missing. Fill it in.",
    ),
    "a country in words": (
        "deliveries.csv",
        HEAD + "Colombia,Cali,,1,2,COP,9900,,,\n",
        "line 2: country is 'Colombia'. Write a code such as CO.",
    ),
    "an unknown column": (
        "deliveries.csv",
        "country,town\nCO,Cali\n",
        "line 2: there is no column 'town'. The columns are country, city,",
    ),
    "the same place twice": (
        "deliveries.csv",
        HEAD + "CO,Bogotá,,1,2,COP,9900,,,\nCO,BOGOTA,,1,2,COP,9900,,,\n",
        "line 3: 'bogota' stands in line 2 already. Remove one of the two.",
    ),
    "too many values": (
        "deliveries.csv",
        HEAD + "CO,Cali,,1,2,COP,9900,,,,,oops\n",
        "line 2: 12 values for 10 columns. Put values that contain ',' in quotes.",
    ),
    "a quote that does not end": ("deliveries.csv", HEAD + 'CO,"Cali,,1,2\n', "line 2: this is not CSV"),
    "another encoding": ("deliveries.csv", "país\nMéxico\n".encode("latin-1"), "not UTF-8. Save it as “CSV UTF-8”."),
    "nothing": ("deliveries.csv", "", "the file has 0 rows. It needs at least one"),
    "a stock in words": (
        "products.csv",
        "sku,name_es,name_en,detail_es,detail_en,stock\nA,a,a,a,a,muchas\n",
        "line 2: stock is 'muchas'. Write how many there are, such as 34, or for each size: S:4 M:0 L:7.",
    ),
    "an unknown kind of payment": (
        "payment_methods.csv",
        "country,kind,name_es,name_en,instalments\nCO,gold,Oro,Gold,1\n",
        "line 2: kind is 'gold'. Write one of card, debit, transfer, cash, wallet.",
    ),
    "a store without contact": (
        "store.csv",
        "country,city,address,hours_es,hours_en\nPE,Lima,Calle 2,de 8 a 12,8 to 12\n",
        "line 2: name is missing",
    ),
    "an answer in one language": (
        "faq.yml",
        '- questions_es: ["¿a?"]\n  questions_en: ["a?"]\n  answer_es: "sí"\n',
        "faq.yml, line 1: answer_en is missing",
    ),
    "yaml that is none": ("faq.yml", "- a: [\n", "faq.yml, line 2: this is not YAML"),
    "yaml that is no list": ("faq.yml", "a: 1\n", "line 1: the file is not a list. Begin each entry with `- `."),
    "a second key": ("faq.yml", "- a: 1\n  a: 2\n", "this is not YAML"),
    "a file for nothing": (
        "prices.csv",
        "a\n1\n",
        "Name it products, deliveries, payment_methods, store, faq with .csv",
    ),
}


@pytest.mark.parametrize(("name", "content", "says"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_line_value_and_remedy_and_nothing_is_imported(
    database: Database, folder: Path, name: str, content: str | bytes, says: str
) -> None:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "a").mkdir()
    if not name.startswith("store"):
        (folder / "store.csv").write_text(STORE, encoding="utf-8")
    with pytest.raises(Unusable) as caught:
        import_folder(database, folder)
    assert says in str(caught.value)
    assert SqlShop(database).store("es").name == "Nevada Viva", "the good file waits too"


def test_all_that_is_wrong_is_told_together(database: Database, folder: Path) -> None:
    (folder / "deliveries.csv").write_text(HEAD + "Colombia,,,x,2,COP,1.5.0,,,\n", encoding="utf-8")
    (folder / "faq.yml").write_text("- {questions_es: [a]}\n")
    with pytest.raises(Unusable) as caught:
        import_folder(database, folder)
    assert len(caught.value.troubles) == 4 + 3


def test_two_files_for_one_kind_are_not_guessed_between(database: Database, folder: Path) -> None:
    shutil.copy(DEMO / "faq.yml", folder / "faq.yml")
    (folder / "faq.csv").write_text("questions_es\n")
    with pytest.raises(Unusable, match="Keep one of the two"):
        import_folder(database, folder)


def test_the_command_tells_what_it_did_or_what_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    assert main([""]) == main([]) == 2 and "make import-shop FROM=folder" in capsys.readouterr().err
    assert main([str(folder)]) == 1 and "there is no file to import" in capsys.readouterr().err
    (folder / "faq.yml").write_text(FAQ, encoding="utf-8")
    assert main([str(folder)]) == 0 and capsys.readouterr().out == "faq: 1 imported\n"
    (folder / "deliveries.csv").write_text(HEAD + "Colombia,Cali,,1,2,COP,9,,,\n" * 30, encoding="utf-8")
    assert main([str(folder)]) == 1
    told = capsys.readouterr().err
    assert "line 2: country is 'Colombia'" in told and "… and 10 more." in told and "Nothing was imported." in told
