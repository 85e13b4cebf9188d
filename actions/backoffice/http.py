"""A company's own shop, over HTTP (SHOP_URL, SHOP_TOKEN). What it has to answer is in docs/backoffice.md."""

from __future__ import annotations

import json
import time
from typing import Any

import pydantic
import requests
import urllib3

from actions.backoffice.shop import (
    Customer,
    Delivery,
    Invoice,
    KeyConflict,
    NotPossible,
    Order,
    PaymentMethod,
    Product,
    Refund,
    Return,
    ReturnKind,
    ShopUnavailable,
    Store,
)
from actions.backoffice.wire import as_json, from_json

SECONDS = 2.0  # for the whole call, second attempt included
READ_ATTEMPTS = 2
MAX_ANSWER = 1_000_000  # bytes


class HttpShop:
    """Fulfils `Shop`. Each method is one POST to the path of its name; keys travel as Idempotency-Key."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/json"})

    def order(self, number: str, email: str) -> Order | None:
        found: Order | None = self._read("order", Order | None, number=number, email=email)
        # A shop that overlooks the e-mail would open every order to everybody.
        return found if found and found.email.lower() == email.strip().lower() else None

    def customer(self, email: str) -> Customer | None:
        found: Customer | None = self._read("customer", Customer | None, email=email)
        return found

    def cancel(self, number: str, key: str) -> Order:
        changed: Order = self._change("cancel", Order, key, number=number)
        return changed

    def change_address(self, number: str, address: str, city: str, key: str) -> Order:
        changed: Order = self._change("change_address", Order, key, number=number, address=address, city=city)
        return changed

    def request_refund(self, number: str, reason: str, key: str) -> Refund:
        made: Refund = self._change("request_refund", Refund, key, number=number, reason=reason)
        return made

    def refund(self, number: str) -> Refund | None:
        found: Refund | None = self._read("refund", Refund | None, number=number)
        return found

    def request_return(
        self, number: str, sku: str, kind: ReturnKind, reason: str, wish: str | None, key: str
    ) -> Return:
        said = {"number": number, "sku": sku, "kind": kind, "reason": reason, "wish": wish}
        made: Return = self._change("request_return", Return, key, **said)
        return made

    def return_of(self, number: str) -> Return | None:
        found: Return | None = self._read("return_of", Return | None, number=number)
        return found

    def invoice(self, number: str, tax_id: str, name: str, key: str) -> Invoice:
        made: Invoice = self._change("invoice", Invoice, key, number=number, tax_id=tax_id, name=name)
        return made

    def invoice_of(self, number: str) -> Invoice | None:
        found: Invoice | None = self._read("invoice_of", Invoice | None, number=number)
        return found

    def payment_link(self, number: str, key: str) -> str:
        link: str = self._change("payment_link", str, key, number=number)
        return link

    def request_password_reset(self, email: str) -> None:
        self._read("request_password_reset", type(None), email=email)

    def delivery(self, place: str) -> Delivery | None:
        found: Delivery | None = self._read("delivery", Delivery | None, place=place)
        return found

    def products(self, query: str, language: str) -> list[Product]:
        found: list[Product] = self._read("products", list[Product], query=query, language=language)
        return found

    def payment_methods(self, country: str, language: str) -> list[PaymentMethod]:
        found: list[PaymentMethod] = self._read(
            "payment_methods", list[PaymentMethod], country=country, language=language
        )
        return found

    def store(self, language: str) -> Store:
        found: Store = self._read("store", Store, language=language)
        return found

    def faq(self, query: str, language: str) -> str | None:
        answer: str | None = self._read("faq", str | None, query=query, language=language)
        return answer

    def _read(self, call: str, answered: Any, **said: Any) -> Any:
        """Asked again while there is time: it changes nothing."""
        until = time.monotonic() + SECONDS
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return self._post(call, answered, said, None, until)
            except _Passing:
                if attempt == READ_ATTEMPTS or time.monotonic() >= until:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _change(self, call: str, answered: Any, key: str, **said: Any) -> Any:
        """Never repeated by itself: whether the first one arrived is not known, and the customer is waiting."""
        return self._post(call, answered, said, key, time.monotonic() + SECONDS)

    def _post(self, call: str, answered: Any, said: dict[str, Any], key: str | None, until: float) -> Any:
        status, body = self._exchange(call, as_json(said).encode(), key, until)
        if status == 409:
            raise NotPossible(_code(call, body))
        if status == 422:
            raise KeyConflict(f"{call}: the key {key!r} was used for something else; take a new one")
        if status in (401, 403):
            raise ShopUnavailable(
                f"{call}: the shop refuses the token ({status}): set SHOP_TOKEN to the one it expects"
            )
        if status == 404:
            raise ShopUnavailable(
                f"{call}: no such address (404): SHOP_URL is where the calls of docs/backoffice.md are"
            )
        if status != 200:
            raise _Passing(f"{call}: the shop answered {status}")
        try:
            return from_json(answered, body)
        except (ValueError, RecursionError) as error:
            raise ShopUnavailable(f"{call}: the answer is not as docs/backoffice.md says: {_places(error)}") from None

    def _exchange(self, call: str, body: bytes, key: str | None, until: float) -> tuple[int, bytes]:
        headers = {} if key is None else {"Idempotency-Key": key}
        left = max(0.05, until - time.monotonic())
        try:
            # Without redirects: the token is for this address only.
            with self._session.post(
                f"{self._url}/{call}", data=body, headers=headers, timeout=left, stream=True, allow_redirects=False
            ) as answer:
                return answer.status_code, _whole(call, answer, until)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _Passing(f"{call}: {type(error).__name__}") from None


class _Passing(ShopUnavailable):
    """May be over at the next attempt."""


def _whole(call: str, answer: requests.Response, until: float) -> bytes:
    """The body. The time-out of requests is one for each packet, so a shop that drips would hold us for ever."""
    body = b""
    while chunk := answer.raw.read1(65_536, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise ShopUnavailable(f"{call}: the answer is larger than {MAX_ANSWER} bytes")
        if time.monotonic() > until:
            raise _Passing(f"{call}: the answer was not whole after {SECONDS} s")
    return body


def _code(call: str, body: bytes) -> str:
    try:
        return str(json.loads(body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        raise ShopUnavailable(f"{call}: a refusal (409) without error.code") from None


def _places(error: Exception) -> str:
    """Which fields, without their values: those are customers' data."""
    if not isinstance(error, pydantic.ValidationError):
        return "not JSON"
    return "; ".join(" ".join(map(str, [*one["loc"][1:], one["msg"]])) for one in error.errors()[:3])[:300]
