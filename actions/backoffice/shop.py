"""What the assistant asks of a shop: the words, and the interface that every adapter fulfils.

All methods block (actions call them through `asyncio.to_thread`) and answer within two seconds or raise
`ShopUnavailable`. Dates are days in the shop's own time zone. Languages are `es` and `en`, countries ISO 3166 codes of
two letters, currencies ISO 4217.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from actions.backoffice.money import Money

OrderState = Literal["awaiting_payment", "preparing", "shipped", "delivered", "cancelled", "returned"]
PaymentState = Literal["approved", "rejected", "pending", "refunded"]
PaymentKind = Literal["card", "debit", "transfer", "cash", "wallet"]
RefundState = Literal["requested", "approved", "paid", "refused"]
ReturnKind = Literal["return", "exchange"]
# Why a change was refused. Skills have a text for each; a shop that answers another code is answered for in general.
Refusal = Literal[
    "no_order",  # there is no such order
    "no_item",  # the order holds no such item, or nobody knows which one is meant
    "already_done",  # it is so already
    "already_shipped",  # it has left the warehouse
    "already_delivered",
    "already_cancelled",
    "already_paid",
    "not_delivered",  # it is still on its way
    "not_paid",  # there is no money to give back, no sale to invoice
    "not_shipped",  # cancelling is the shorter way
    "too_late",  # the days for it are over
    "not_delivered_there",  # the shop sends nothing to that place
]


@dataclass(frozen=True)
class Customer:
    id: str
    name: str
    email: str
    phone: str
    country: str
    language: str
    vip: bool


@dataclass(frozen=True)
class Item:
    """`price` is that of one piece."""

    sku: str
    name: str
    quantity: int
    price: Money


@dataclass(frozen=True)
class Payment:
    """`reason` says why it was rejected: insufficient_funds, expired_card, bank_refused, limit or wrong_details."""

    id: str
    state: PaymentState
    method: str
    amount: Money
    reason: str | None
    at: date


@dataclass(frozen=True)
class Order:
    """`date` is the next that matters in this state: pay by, leaves by, arrives on; or when the last thing happened.

    `total` includes shipping; `total_usd` is the same in dollars, as of the sale, for rules that compare countries.
    `refusals` tells which calls the shop would refuse today, and why, so that nobody answers questions for nothing:
    `{"cancel": "already_shipped"}`. What it does not name may be tried; the call itself has the last word.
    """

    number: str
    email: str
    items: tuple[Item, ...]
    state: OrderState
    carrier: str | None
    tracking: str | None
    placed: date
    date: date
    address: str
    city: str
    country: str
    total: Money
    total_usd: Decimal
    payment: Payment | None
    vip: bool
    refusals: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refund:
    """`method` is where the money goes: the way in which it was paid. `expected` is the last day it should be there."""

    number: str
    amount: Money
    state: RefundState
    method: str
    requested: date
    expected: date


@dataclass(frozen=True)
class Return:
    """`label` is the code that the customer writes on the parcel and hands in at the carrier's until `hand_in_by`."""

    label: str
    number: str
    sku: str
    item: str
    kind: ReturnKind
    reason: str
    wish: str | None
    carrier: str
    requested: date
    hand_in_by: date


@dataclass(frozen=True)
class Invoice:
    id: str
    number: str
    tax_id: str
    name: str
    total: Money
    issued: date
    link: str


@dataclass(frozen=True)
class Delivery:
    """Working days from payment to the door. `free_from` is the sum from which the normal way costs nothing."""

    city: str
    country: str
    days_from: int
    days_to: int
    cost: Money
    free_from: Money | None
    express_days: int | None
    express_cost: Money | None


@dataclass(frozen=True)
class Product:
    """In one language. `prices` by country; `sizes` tells how many pieces there are of each, if it comes in sizes."""

    sku: str
    name: str
    detail: str
    prices: dict[str, Money]
    stock: int
    sizes: dict[str, int]
    colours: tuple[str, ...]
    warranty_months: int


@dataclass(frozen=True)
class PaymentMethod:
    """`instalments` is the highest number of them, 1 where it is paid at once."""

    country: str
    kind: PaymentKind
    name: str
    instalments: int
    note: str | None


@dataclass(frozen=True)
class Branch:
    country: str
    city: str
    address: str
    hours: str


@dataclass(frozen=True)
class Store:
    """In one language. The first of `branches` is the main one; a shop that sells online only has none."""

    name: str
    phone: str
    email: str
    branches: tuple[Branch, ...]


class NotPossible(Exception):
    """The shop's rules forbid it, and nothing was changed. `code` is one of `Refusal`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeyConflict(Exception):
    """The key was used before, for something else: a mistake of the caller's."""


class ShopUnavailable(Exception):
    """No usable answer; a change may have been made or not. The text is for the log, without customers' data."""


class Shop(Protocol):
    """Changes carry a key of the caller's. Repeated with the same arguments it gives the first answer and does nothing
    again; with others it is a KeyConflict. What the rules forbid is NotPossible."""

    def order(self, number: str, email: str) -> Order | None:
        """The order, if that e-mail bought it. A wrong pair tells nothing about either."""
        ...

    def customer(self, email: str) -> Customer | None:
        """Only for an e-mail that was verified."""
        ...

    def cancel(self, number: str, key: str) -> Order:
        """Before it is shipped. What was paid is refunded: see `refund`."""
        ...

    def change_address(self, number: str, address: str, city: str, key: str) -> Order:
        """Before it is shipped, within the country that it was sold to."""
        ...

    def request_refund(self, number: str, reason: str, key: str) -> Refund:
        """All that was paid for the order. Not for one that is not shipped (cancel it) or is on its way."""
        ...

    def refund(self, number: str) -> Refund | None: ...

    def request_return(
        self, number: str, sku: str, kind: ReturnKind, reason: str, wish: str | None, key: str
    ) -> Return:
        """Within 30 days of delivery. `wish` is what an exchange should bring, in the customer's words."""
        ...

    def return_of(self, number: str) -> Return | None:
        """The newest one of that order."""
        ...

    def invoice(self, number: str, tax_id: str, name: str, key: str) -> Invoice:
        """Once for each paid order."""
        ...

    def invoice_of(self, number: str) -> Invoice | None: ...

    def payment_link(self, number: str, key: str) -> str:
        """A page on which an order that is not paid yet can be paid."""
        ...

    def request_password_reset(self, email: str) -> None:
        """Sends a link to that e-mail if it has an account, which also unlocks it. Never tells whether it has."""
        ...

    def delivery(self, place: str) -> Delivery | None:
        """To a city, or to anywhere in a country. None where the shop sends nothing, or does not know the place."""
        ...

    def products(self, query: str, language: str) -> list[Product]:
        """The five that fit the words best, best first; empty when none does."""
        ...

    def payment_methods(self, country: str, language: str) -> list[PaymentMethod]: ...

    def store(self, language: str) -> Store: ...

    def faq(self, query: str, language: str) -> str | None:
        """The answer to a question that customers often ask; None when none of them is clearly meant."""
        ...
