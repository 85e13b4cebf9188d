"""What people see while the database is locked: a sign in words, nothing frozen, nothing lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import NewPage, keep
from pages import Console, Shop
from playwright.sync_api import expect
from product import Product
from test_pages import violations


@contextmanager
def locked(product: Product) -> Iterator[None]:
    """Another process holds SQLite's one write lock."""
    path = product.environment["DATABASE_URL"].removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("en", "dark")])
def test_a_console_says_slow_keeps_what_is_typed_and_goes_on_by_itself(
    product: Product, new_page: NewPage, language: str, scheme: str
) -> None:
    email = "jorge@demo.example"  # the supervisor's password is set anew by another test
    console = Console(new_page(language, scheme=scheme), product.url, language, email, product.accounts[email])
    shop = Shop(new_page(language), product.url, language)
    shop.asks_for_a_person()
    console.opens_newest_in_queue()
    console.does("claim")
    console.replies("uno")
    shop.hears("uno")
    sign = console.page.get_by_role("status").filter(has_text=console.words["slow"]["title"])
    field = console.page.get_by_role("textbox", name=console.words["composer"]["reply"])
    with locked(product):
        console.replies("dos")
        expect(sign).to_be_visible()
        field.fill("tres")
        assert violations(console.page) == []
        keep(console.page, f"console-slow-{language}-{scheme}")
    expect(sign).to_be_hidden(timeout=20_000)
    shop.hears("dos")
    expect(field).to_have_value("tres")
    assert shop.log.locator(".agent").filter(has_text="dos").count() == 1
