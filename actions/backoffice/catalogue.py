"""Reads what is the same for every customer: products, delivery, ways to pay, the store and the frequent questions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from actions.backoffice.money import Money
from actions.backoffice.shop import Branch, Delivery, PaymentMethod, Product, ShopUnavailable, Store
from actions.backoffice.tables import branches, deliveries, faq, payment_methods, products, stores
from actions.backoffice.words import folded, share, stems

BEST = 5
# Asked of any product, so they name none.
OF_ALL = frozenset(
    stems(
        "precio producto artículo cuesta vale saber disponible stock existencias talla tamaño color garantía material "
        "price product item cost know available stock size colour color warranty material"
    )
)
SURE = 0.6  # of `share`


def find_products(connection: Any, query: str, language: str) -> list[Product]:
    """Names count twice; a product is named in one language and asked for in the other as well."""
    asked = set(stems(query)) - OF_ALL
    rows = connection.execute(sa.select(products).order_by(products.c.sku)).all()
    if exact := [row for row in rows if (row.sku, row.language) == (query.strip().upper(), language)]:
        return [_product(exact[0])]
    names: dict[str, set[str]] = {}
    said: dict[str, set[str]] = {}
    for row in rows:
        names.setdefault(row.sku, set()).update(stems(f"{row.name} {row.sku}"))
        said.setdefault(row.sku, set()).update(stems(f"{row.name} {row.detail} {' '.join(row.colours)}"))
    rarity = _rarity(said.values())
    points = {
        sku: sum(rarity.get(word, 1.0) * (2 if word in names[sku] else 1) for word in asked & (words | names[sku]))
        for sku, words in said.items()
    }
    enough = max(points.values(), default=0.0) * 0.6
    fitting = [row for row in rows if row.language == language and points[row.sku] >= enough > 0]
    return [_product(row) for row in sorted(fitting, key=lambda row: -points[row.sku])[:BEST]]


def find_delivery(connection: Any, place: str) -> Delivery | None:
    row = connection.execute(sa.select(deliveries).where(deliveries.c.place == folded(place))).first()
    if row is None:
        return None
    return Delivery(
        row.city,
        row.country,
        row.days_from,
        row.days_to,
        Money(row.cost, row.currency),
        _money(row.free_from, row.currency),
        row.express_days,
        _money(row.express_cost, row.currency),
    )


def find_payment_methods(connection: Any, country: str, language: str) -> list[PaymentMethod]:
    here = (payment_methods.c.country == country, payment_methods.c.language == language)
    rows = connection.execute(sa.select(payment_methods).where(*here).order_by(payment_methods.c.position))
    return [PaymentMethod(row.country, row.kind, row.name, row.instalments, row.note) for row in rows]


def find_store(connection: Any, language: str) -> Store:
    row = connection.execute(sa.select(stores).where(stores.c.language == language)).first()
    if row is None:
        raise ShopUnavailable("the shop's database has no store: make import-shop with a store.csv")
    found = sa.select(branches).where(branches.c.language == language).order_by(branches.c.position)
    everywhere = tuple(Branch(one.country, one.city, one.address, one.hours) for one in connection.execute(found))
    return Store(row.name, row.phone, row.email, everywhere)


def find_answer(connection: Any, query: str, language: str) -> str | None:
    """Better none than a wrong one: nearly all that was asked must be known of the entry, and one of its questions must
    be asked nearly whole. Names of products say little, since any question may hold them."""
    asked = set(stems(query))
    rows = connection.execute(sa.select(faq).where(faq.c.language == language).order_by(faq.c.position)).all()
    names = connection.scalars(sa.select(products.c.name).where(products.c.language == language))
    entries = [[set(stems(question)) for question in row.questions] for row in rows]
    rarity = _rarity([*(set().union(*entry) for entry in entries), *(set(stems(name)) for name in names)])
    scored = [
        (min(share(asked, set().union(*entry), rarity), max(share(one, asked, rarity) for one in entry)), row.answer)
        for entry, row in zip(entries, rows)
    ]
    score, answer = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
    return answer if score >= SURE else None


def _rarity(entries: Iterable[set[str]]) -> dict[str, float]:
    """A word that is everywhere says little."""
    counted: Counter[str] = Counter()
    size = 0
    for words in entries:
        counted.update(words)
        size += 1
    return {word: math.log((size + 1) / count) for word, count in counted.items()}


def _product(row: Any) -> Product:
    prices = {country: Money(Decimal(amount), currency) for country, (amount, currency) in row.prices.items()}
    return Product(row.sku, row.name, row.detail, prices, row.stock, row.sizes, tuple(row.colours), row.warranty_months)


def _money(amount: Decimal | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)
