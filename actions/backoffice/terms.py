"""What the demo shop allows with an order. Pure: a check raises NotPossible with the reason, or returns nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from actions.backoffice.shop import NotPossible, Order, Refund

RETURN_DAYS = 30  # from delivery
HAND_IN_DAYS = 14  # from the label
REFUND_WORKING_DAYS = 10  # until the bank shows the money
_GONE = {
    "shipped": "already_shipped",
    "delivered": "already_delivered",
    "returned": "already_delivered",
    "cancelled": "already_cancelled",
}


def refusals(order: Order, today: date) -> dict[str, str]:
    """Call → why it would be refused today. Only what can be told without what is in other tables."""
    checks: dict[str, Callable[[], None]] = {
        "cancel": lambda: check_still_here(order),
        "change_address": lambda: check_still_here(order),
        "request_return": lambda: check_return(order, today),
        "invoice": lambda: check_invoice(order),
    }
    codes = {call: _refusal(check) for call, check in checks.items()}
    return {call: code for call, code in codes.items() if code}


def check_still_here(order: Order) -> None:
    """Cancelling and another address: as long as the parcel has not left."""
    if order.state in _GONE:
        raise NotPossible(_GONE[order.state])


def check_refund(order: Order, refund: Refund | None, today: date) -> None:
    if refund is not None or (order.payment and order.payment.state == "refunded"):
        raise NotPossible("already_done")
    if not is_paid(order):
        raise NotPossible("not_paid")
    if order.state in ("awaiting_payment", "preparing"):
        raise NotPossible("not_shipped")
    if order.state == "shipped":
        raise NotPossible("not_delivered")
    _check_window(order, today)


def check_return(order: Order, today: date) -> None:
    if order.state == "returned":
        raise NotPossible("already_done")
    if order.state == "cancelled":
        raise NotPossible("already_cancelled")
    if order.state != "delivered":
        raise NotPossible("not_delivered")
    _check_window(order, today)


def check_invoice(order: Order) -> None:
    if order.state == "cancelled":
        raise NotPossible("already_cancelled")
    if not is_paid(order):
        raise NotPossible("not_paid")


def check_payment(order: Order) -> None:
    if order.state == "cancelled":
        raise NotPossible("already_cancelled")
    if order.state != "awaiting_payment" or is_paid(order):
        raise NotPossible("already_paid")


def is_paid(order: Order) -> bool:
    return order.payment is not None and order.payment.state == "approved"


def working_days_after(day: date, count: int) -> date:
    """Weekends left out; holidays differ between the countries and are not."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _refusal(check: Callable[[], None]) -> str | None:
    try:
        check()
    except NotPossible as refused:
        return refused.code
    return None


def _check_window(order: Order, today: date) -> None:
    if order.state == "delivered" and today > order.date + timedelta(days=RETURN_DAYS):
        raise NotPossible("too_late")
