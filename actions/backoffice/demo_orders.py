"""Makes the tables' rows of one line of `demo/people/orders.csv`; its days count from today."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from actions.backoffice.shop_files import Rows, ShopFile
from actions.backoffice.sql import SITE
from actions.backoffice.terms import HAND_IN_DAYS, REFUND_WORKING_DAYS, working_days_after

# About what a unit was worth in dollars when the demo was written; high-value rules compare in dollars.
USD = {"MXN": "0.055", "COP": "0.00025", "ARS": "0.0007", "CLP": "0.00105", "PEN": "0.27", "USD": "1"}


class Sale:
    """`rows` is what it leaves in the tables. `shelf` is the demo's catalogue as `import_shop.read_folder` reads it."""

    def __init__(self, line: dict[str, str], customer: dict[str, str], shelf: dict[str, ShopFile], today: date) -> None:
        self._line, self._today = line, today
        self.number = line["number"]
        self._products = {
            one["sku"]: one for one in shelf["products"].rows["products"] if one["language"] == customer["language"]
        }
        self._delivery = next(one for one in shelf["deliveries"].rows["deliveries"] if one["city"] == line["city"])
        self._currency = self._delivery["currency"]
        self._items = [self._item(position, one) for position, one in enumerate(line["items"].split(" + "))]
        self._goods = sum((one["price"] * one["quantity"] for one in self._items), Decimal())

    def rows(self) -> Rows:
        return {
            "orders": [self._order()],
            "items": self._items,
            "payments": [self._payment()],
            "refunds": self._refunds(),
            "returns": self._returns(),
            "invoices": self._invoices(),
        }

    def _order(self) -> dict[str, Any]:
        line = self._line
        tracking = f"{line['carrier'][:2].upper()}{self.number[3:]}{sum(map(ord, self.number)):05}"
        return {
            **{name: line[name] for name in ("number", "email", "state", "city", "address")},
            "carrier": line["carrier"] or None,
            "tracking": tracking if line["carrier"] else None,
            "placed": self._day(line["placed"]),
            "date": self._day(line["date"]),
            "country": self._delivery["country"],
            "total": self._total,
            "currency": self._currency,
            "total_usd": (self._total * Decimal(USD[self._currency])).quantize(Decimal("0.01")),
        }

    @property
    def _total(self) -> Decimal:
        free_from = self._delivery["free_from"]
        return self._goods + (0 if free_from is not None and self._goods >= free_from else self._delivery["cost"])

    def _item(self, position: int, said: str) -> dict[str, Any]:
        sku, _, quantity = said.partition(" x")
        product = self._products[sku]
        price = Decimal(product["prices"][self._delivery["country"]][0])
        named = {"sku": sku, "name": product["name"], "quantity": int(quantity or 1), "price": price}
        return {"number": self.number, "position": position, **named}

    def _payment(self) -> dict[str, Any]:
        state, _, reason = self._line["payment"].partition(" ")
        known = {"id": f"P-{self.number}", "number": self.number, "method": self._line["method"]}
        return {
            **known,
            "state": state,
            "amount": self._total,
            "reason": reason or None,
            "at": self._day(self._line["placed"]),
        }

    def _refunds(self) -> list[dict[str, Any]]:
        if not self._line["refund"]:
            return []
        requested = self._day(self._line["date"])
        row = {"number": self.number, "amount": self._total, "currency": self._currency, "reason": ""}
        expected = working_days_after(requested, REFUND_WORKING_DAYS)
        more = {"state": self._line["refund"], "method": self._line["method"], "requested": requested}
        return [{**row, **more, "expected": expected}]

    def _returns(self) -> list[dict[str, Any]]:
        if not self._line["return"]:
            return []
        kind, _, said = self._line["return"].partition(" ")
        reason, _, wish = said.partition("|")
        item, requested = self._items[0], self._day(self._line["date"]) + timedelta(days=2)
        return [
            {
                "label": f"DV-{self.number.replace('-', '')}",
                "number": self.number,
                "sku": item["sku"],
                "item": item["name"],
                "kind": kind,
                "reason": reason,
                "wish": wish or None,
                "carrier": self._line["carrier"],
                "requested": requested,
                "hand_in_by": requested + timedelta(days=HAND_IN_DAYS),
            }
        ]

    def _invoices(self) -> list[dict[str, Any]]:
        if not self._line["tax_id"]:
            return []
        tax_id, _, name = self._line["tax_id"].partition("|")
        known = {"number": self.number, "id": f"NV-{self.number}", "tax_id": tax_id, "name": name}
        link = f"{SITE}/facturas/{self.number.lower()}"
        issued = self._day(self._line["placed"])
        return [{**known, "total": self._total, "currency": self._currency, "issued": issued, "link": link}]

    def _day(self, days: str) -> date:
        return self._today + timedelta(days=int(days))
