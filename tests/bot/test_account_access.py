"""The link to a new password goes to those who have an account, and to nobody else. On the real processes."""

from __future__ import annotations

import sqlite3

from conftest import Assistant, texts


def test_a_lost_password_gets_a_link_whoever_asks(
    assistant: Assistant, sender: str, environment: dict[str, str]
) -> None:
    asked = assistant.say(sender, "olvidé mi contraseña")
    assert "¿Con qué correo entras a tu cuenta?" in texts(asked)
    told = assistant.say(sender, "lucia@example.com")
    assert "Si lucia@example.com tiene una cuenta" in texts(told)
    stranger = assistant.say(f"x{sender}", "I forgot my password, stranger@example.com", "en")
    assert "If stranger@example.com has an account" in texts(stranger)
    with sqlite3.connect(environment["SHOP_DATABASE_URL"].removeprefix("sqlite:///")) as shop:
        sent = {email for (email,) in shop.execute("select email from password_resets")}
    assert "lucia@example.com" in sent and "stranger@example.com" not in sent
