"""What a company brings of its own: products, deliveries, ways to pay, the store, frequent questions.

Each kind is one file `<kind>.csv` or `<kind>.yml`; the demo's in `demo/` are the examples. docs/backoffice.md has the
columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from actions.backoffice.shop import PaymentKind
from actions.backoffice.table_file import ENDINGS, SEVERAL, Cells, Trouble, Unusable, read_table
from actions.backoffice.words import folded

LANGUAGES = ("es", "en")
MAX_ROWS = 5_000
_PRICE = re.compile(r"price_([A-Z]{2})_([A-Z]{3})")
Rows = dict[str, list[dict[str, Any]]]  # table → rows
Columns = dict[str, Callable[[str], Any]]  # name → how its cells are read


@dataclass(frozen=True)
class ShopFile:
    """What one file brings: `lines` of it make the tables' rows."""

    rows: Rows
    lines: int


class Wrong(ValueError):
    """A cell's value cannot be used; the text is what to write instead."""


def text(most: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > most:
            raise Wrong(f"Write at most {most} characters; these are {len(cell)}")
        return cell

    return read


def whole(cell: str) -> int:
    if not re.fullmatch(r"\d{1,6}", cell):
        raise Wrong("Write a whole number such as 12")
    return int(cell)


def amount(cell: str) -> Decimal:
    """Without thousands: 249.900 is a quarter of a million in Bogotá and 249.90 in Lima, so it is never guessed."""
    if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", cell):
        raise Wrong("Write the amount with digits only, and a point before cents: 249900 or 66.90")
    return Decimal(cell)


def code(pattern: str, example: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not re.fullmatch(pattern, cell):
            raise Wrong(f"Write a code such as {example}")
        return cell

    return read


def one_of(*allowed: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell not in allowed:
            raise Wrong(f"Write one of {', '.join(allowed)}")
        return cell

    return read


def pieces(cell: str) -> dict[str, int]:
    """`34`, or `S:4 M:0 L:7`. A stock without sizes has the key ``."""
    if re.fullmatch(r"\d{1,6}", cell):
        return {"": int(cell)}
    found = re.fullmatch(r"(\S{1,10}:\d{1,6})(\s+\S{1,10}:\d{1,6})*", cell)
    if not found:
        raise Wrong("Write how many there are, such as 34, or for each size: S:4 M:0 L:7")
    return {size: int(count) for size, _, count in (one.rpartition(":") for one in cell.split())}


def several(cell: str) -> list[str]:
    return [one.strip() for one in cell.split(SEVERAL) if one.strip()]


country, currency = code("[A-Z]{2}", "CO"), code("[A-Z]{3}", "COP")


@dataclass(frozen=True)
class Kind:
    """`needed` and `optional` say how the columns are read; `rows` makes the tables' rows of one line.

    A column that ends in `_` exists for each language: `name_` is name_es and name_en.
    """

    needed: Columns
    rows: Callable[[dict[str, Any], int], Rows]
    keys: Callable[[dict[str, Any]], list[str]]  # what may stand in the file once only
    tables: tuple[str, ...]
    needed_first: Columns = field(default_factory=dict)  # in the first row, and for all of them
    optional: Columns = field(default_factory=dict)


def read_kind(kind: str, path: Path) -> ShopFile:
    """Unusable with all that is wrong."""
    spec, troubles = KINDS[kind], []
    rows: Rows = {table: [] for table in spec.tables}
    table = read_table(path)
    if not table or len(table) > MAX_ROWS:
        problem = f"the file has {len(table)} rows"
        raise Unusable([Trouble(path.name, 1, problem, f"It needs at least one and at most {MAX_ROWS}")])
    seen: dict[str, int] = {}
    for position, (line, cells) in enumerate(table):
        values, wrong = _values(spec, cells, first=position == 0)
        if not wrong:
            wrong = _seen_before(spec.keys(values), seen, line)
        troubles += [Trouble(path.name, line, problem, remedy) for problem, remedy in wrong]
        if not wrong:
            for name, made in spec.rows(values, position).items():
                rows[name] += made
    if troubles:
        raise Unusable(troubles)
    return ShopFile(rows, len(table))


def find_files(folder: Path) -> dict[str, Path]:
    """Kind → its file. Unusable when there is none, two for one kind, or one that is no kind."""
    found: dict[str, Path] = {}
    troubles = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in ENDINGS:
            continue
        if path.stem not in KINDS:
            troubles.append(Trouble(path.name, 1, "this is none of the shop's files", f"Name it {_names()}"))
        elif path.stem in found:
            problem = f"{found[path.stem].name} brings the same"
            troubles.append(Trouble(path.name, 1, problem, "Keep one of the two"))
        else:
            found[path.stem] = path
    if not found and not troubles:
        troubles.append(Trouble(str(folder), 1, "there is no file to import", f"Put in {_names()}"))
    if troubles:
        raise Unusable(troubles)
    return found


def _seen_before(keys: list[str], seen: dict[str, int], line: int) -> list[tuple[str, str]]:
    before = {key: seen.setdefault(key, line) for key in keys}
    return [
        (f"{key!r} stands in line {other} already", "Remove one of the two")
        for key, other in before.items()
        if other != line
    ]


def _names() -> str:
    return f"{', '.join(KINDS)} with .csv or .yml"


def _values(spec: Kind, cells: Cells, first: bool) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    needed, of_first = _by_language(spec.needed), _by_language(spec.needed_first)
    readers = {**needed, **of_first, **_by_language(spec.optional)}
    values: dict[str, Any] = dict.fromkeys(readers)
    wrong = []
    prices = {}
    for name, cell in cells.items():
        price = _PRICE.fullmatch(name) if spec is KINDS["products"] else None
        reader = amount if price else readers.get(name)
        if reader is None:
            wrong.append((f"there is no column {name!r}", f"The columns are {', '.join(readers)}"))
        elif cell:
            try:
                value = reader(cell)
            except Wrong as error:
                wrong.append((f"{name} is {cell[:60]!r}", str(error)))
                continue
            if price:
                prices[price[1]] = [str(value), price[2]]
            else:
                values[name] = value
    wrong += [
        (f"{name} is missing", "Fill it in") for name in [*needed, *(of_first if first else ())] if not cells.get(name)
    ]
    return {**values, "prices": prices}, wrong


def _by_language(columns: Columns) -> Columns:
    spread = {}
    for name, read in columns.items():
        for each in [f"{name}{language}" for language in LANGUAGES] if name.endswith("_") else [name]:
            spread[each] = read
    return spread


def _products(line: dict[str, Any], _position: int) -> Rows:
    sizes = {size: count for size, count in line["stock"].items() if size}
    same = {
        "sku": line["sku"],
        "prices": line["prices"],
        "stock": sum(line["stock"].values()),
        "sizes": sizes,
        "warranty_months": line["warranty_months"] or 0,
    }
    own = ("name", "detail", "colours")
    each = [{one: line[f"{one}_{language}"] for one in own} | {"language": language} for language in LANGUAGES]
    return {"products": [{**same, **one, "colours": one["colours"] or []} for one in each]}


def _deliveries(line: dict[str, Any], _position: int) -> Rows:
    same = {name: line[name] for name in line.keys() - {"also", "prices"}}
    return {"deliveries": [{**same, "place": place} for place in _places(line)]}


def _places(line: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(folded(one) for one in [line["city"], *(line["also"] or [])]))


def _payment_methods(line: dict[str, Any], position: int) -> Rows:
    same = {name: line[name] for name in ("country", "kind", "instalments")}
    each = [
        {"language": one, "position": position, "name": line[f"name_{one}"], "note": line[f"note_{one}"]}
        for one in LANGUAGES
    ]
    return {"payment_methods": [{**same, **one} for one in each]}


def _store(line: dict[str, Any], position: int) -> Rows:
    same = {"position": position, **{name: line[name] for name in ("country", "city", "address")}}
    branches = [{**same, "language": one, "hours": line[f"hours_{one}"]} for one in LANGUAGES]
    contact = {name: line[name] for name in ("name", "phone", "email")}
    stores = [{**contact, "language": one} for one in LANGUAGES] if position == 0 else []
    return {"stores": stores, "branches": branches}


def _faq(line: dict[str, Any], position: int) -> Rows:
    each = [
        {"language": one, "position": position, "questions": line[f"questions_{one}"], "answer": line[f"answer_{one}"]}
        for one in LANGUAGES
    ]
    return {"faq": each}


KINDS = {
    "products": Kind(
        needed={"sku": text(40), "name_": text(200), "detail_": text(1000), "stock": pieces},
        optional={"colours_": several, "warranty_months": whole},
        rows=_products,
        keys=lambda line: [line["sku"]],
        tables=("products",),
    ),
    "deliveries": Kind(
        needed={
            "country": country,
            "city": text(80),
            "days_from": whole,
            "days_to": whole,
            "currency": currency,
            "cost": amount,
        },
        optional={"also": several, "free_from": amount, "express_days": whole, "express_cost": amount},
        rows=_deliveries,
        keys=_places,
        tables=("deliveries",),
    ),
    "payment_methods": Kind(
        needed={"country": country, "kind": one_of(*get_args(PaymentKind)), "name_": text(80), "instalments": whole},
        optional={"note_": text(300)},
        rows=_payment_methods,
        keys=lambda line: [f"{line['country']} {line['name_es']}"],
        tables=("payment_methods",),
    ),
    "store": Kind(
        needed={"country": country, "city": text(80), "address": text(200), "hours_": text(200)},
        needed_first={"name": text(120), "phone": text(40), "email": text(254)},
        rows=_store,
        keys=lambda line: [f"{line['city']}, {line['address']}"],
        tables=("stores", "branches"),
    ),
    "faq": Kind(
        needed={"questions_": several, "answer_": text(1000)},
        rows=_faq,
        keys=lambda line: list(line["questions_es"]),
        tables=("faq",),
    ),
}
