"""Fills the demo shop: `python -m actions.backoffice.seed`. Run again, it only moves the dates to around today."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from actions.backoffice.shop import ROOT, Shop, metadata, orders, stores

# number, e-mail, item, state, carrier, days from today
ORDERS = (
    ("RX-4821", "elena@example.com", "Mochila Sendero 28 L", "shipped", "Envíos del Sur", 2),
    ("RX-4822", "tomas@example.com", "Botella térmica Lago", "preparing", None, 4),
    ("QM-1907", "james@example.com", "Trail jacket Cumbre", "shipped", "Andes Express", 1),
    ("QM-1908", "ana@example.com", "Linterna frontal Faro", "delivered", "Andes Express", -3),
    ("TL-3355", "diego@example.com", "Carpa Refugio para dos", "cancelled", None, -1),
    ("TL-3356", "priya@example.com", "Hiking poles Vereda", "preparing", None, 5),
)
STORES = (
    (
        "es",
        "lunes a viernes de 9:00 a 19:00 y sábados de 10:00 a 14:00",
        "Avenida de los Cerezos 418, Bogotá",
        "+57 601 555 0148",
        "hola@nevadaviva.example",
    ),
    (
        "en",
        "Monday to Friday from 9:00 to 19:00, Saturday from 10:00 to 14:00",
        "Avenida de los Cerezos 418, Bogotá",
        "+57 601 555 0148",
        "hola@nevadaviva.example",
    ),
)


def seed(shop: Shop, today: date) -> None:
    metadata.create_all(shop.engine)
    with shop.engine.begin() as connection:
        connection.execute(sa.delete(orders))
        connection.execute(sa.delete(stores))
        for number, email, item, state, carrier, days in ORDERS:
            when = today + timedelta(days=days)
            connection.execute(
                sa.insert(orders).values(number=number, email=email, item=item, state=state, carrier=carrier, date=when)
            )
        for language, hours, address, phone, email in STORES:
            connection.execute(
                sa.insert(stores).values(language=language, hours=hours, address=address, phone=phone, email=email)
            )


if __name__ == "__main__":
    (ROOT / "var").mkdir(exist_ok=True)
    seed(Shop.from_environment(), date.today())
