"""What people see while the database is locked or the assistant down: a sign in words, nothing frozen, nothing lost."""

import os
import signal
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
    shop.joins_the_queue()
    console.opens_newest_in_queue(shop.says_case())
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


def test_a_widget_whose_catch_up_was_refused_still_hears_what_it_missed(product: Product, new_page: NewPage) -> None:
    """It has something to tell the server before it asks what it missed, and that cannot be written."""
    email = "jorge@demo.example"
    console = Console(new_page("es"), product.url, "es", email, product.accounts[email])
    shop = Shop(new_page("es"), product.url, "es")
    shop.joins_the_queue()
    console.opens_newest_in_queue(shop.says_case())
    console.does("claim")
    console.replies("uno")
    shop.hears("uno")
    with locked(product):
        shop.page.get_by_role("button", name="English").click()
        shop.page.goto("about:blank")
    console.replies("dos")
    with locked(product):
        shop.page.goto(f"{product.url}/demo/")
        again = Shop(shop.page, product.url, "en", loaded=True)
        expect(again.page.locator("handoff-chat .trouble")).to_be_hidden()
        again.page.wait_for_timeout(6_000)  # longer than the hub lets anybody wait for the database
        expect(again.log.get_by_text("dos")).to_have_count(0)
    again.hears("dos")
    assert again.log.locator(".agent").filter(has_text="dos").count() == 1


@contextmanager
def halted(product: Product, name: str) -> Iterator[None]:
    """The process is there and answers nothing."""
    pid = product.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_supervisor_sees_that_the_assistant_is_down_until_it_is_back(product: Product, new_page: NewPage) -> None:
    lucia = "lucia@demo.example"
    password = product.new_password(lucia)
    looks = [("es", "light"), ("en", "dark")]
    consoles = [Console(new_page(look[0], scheme=look[1]), product.url, look[0], lucia, password) for look in looks]
    signs = [
        console.page.get_by_role("status").filter(has_text=console.words["assistant_down"]["title"])
        for console in consoles
    ]
    with halted(product, "rasa"):
        shops = [Shop(new_page("es"), product.url, "es") for _ in range(3)]
        for shop in shops:
            shop.say("hola")
        for shop in shops:
            shop.hears("tuve un problema para responderte")
        for console, sign, (language, scheme) in zip(consoles, signs, looks, strict=True):
            expect(sign).to_be_visible()
            assert violations(console.page) == []
            keep(console.page, f"console-assistant-down-{language}-{scheme}")
    shop.page.wait_for_timeout(10_000)  # one question every ten seconds is put to an assistant that is down
    another = Shop(new_page("es"), product.url, "es")
    another.say("¿a qué hora abren?")
    another.hears("lunes a viernes")
    for sign in signs:
        expect(sign).to_be_hidden()
